"""Texts that attack the page, in every field that others write: they are shown, and do nothing."""

from __future__ import annotations

import re

import pytest

from tests.desk.judged import chromium, enter
from tests.desk.reviewed import TOKEN, Person, Served, contents, make_run
from thousand.desk.app import make_app
from thousand.desk.members import invite
from thousand.desk.render import LONGEST, markdown, plain
from thousand.desk.store import Store

EVIL = [
    "</textarea></script><script>window.hurt=1</script>",
    "<img src=//evil.example/x onerror=window.hurt=1>",
    "<svg onload=window.hurt=1><use href='data:image/svg+xml,<svg/>'/></svg>",
    "<a href=javascript:window.hurt=1>html</a> [md](javascript:window.hurt=1) [data](data:text/html,<script>window.hurt=1</script>)",
    "![picture](https://evil.example/x.png) <iframe srcdoc='<script>parent.hurt=1</script>'></iframe>",
    "<style>body{display:none}</style><base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
    '" onmouseover="window.hurt=1" autofocus onfocus="window.hurt=1',
    "{{ 7*7 }} {% include 'base.html.jinja' %} ${7*7} <%= 7*7 %> {{constructor.constructor('window.hurt=1')()}}",
    "\u202egnihtyna eb yam siht\u202c \u2066isolated\u2069 \x07\x1b[31mred",
    "<form action=//evil.example><input name=token><button formaction=javascript:window.hurt=1>Accept</button></form>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.hurt=1>",
    "[vb](vbscript:hurt) [rel](/leave) [proto](//evil.example) <https://ok.example/> [x](https://ok.example/?a=%22onclick=hurt)",
    "```html\n<script>window.hurt=1</script>\n```\n    <b onclick=window.hurt=1>",
    "<!--><script>window.hurt=1</script>-->",
]
ALL = "\n\n".join(EVIL)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""
FOUND = """() => ({
  hurt: window.hurt ?? null,
  violations: window.violations,
  elements: [...document.querySelectorAll("main :is(img, svg, iframe, object, embed, base, meta, math, style, script)")]
    .map(each => each.outerHTML),
  forms: [...document.querySelectorAll("main form[action]")].filter(each => each.getAttribute("action") !== "/search").length,
  handlers: [...document.querySelectorAll("*")].flatMap(each => [...each.attributes]).filter(each => /^on/i.test(each.name)).length,
  links: [...document.querySelectorAll(".rendered a[href], .about a[href], .found a[href]")]
    .map(each => [each.protocol, each.host, each.rel, each.hasAttribute("data-open")]),
  hidden: getComputedStyle(document.body).display,
})"""


def hostile(i):
    text = EVIL[i % len(EVIL)] if i % 3 else ALL
    return [{"role": "user", "content": f"{text}\n{i}"}, {"role": "assistant", "content": f"{ALL}\n\n{i}"}]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    run = tmp_path_factory.mktemp("hostile") / "<b>run<script>"
    make_run(run, rows=40, messages=hostile, source=ALL, origin=ALL, author=ALL, licence=ALL, link="javascript:window.hurt=1//" + ALL)
    served = Served(run)
    yield served
    served.stop()


def test_they_render_inert_in_every_field(desk):
    """No dialog, no request to anywhere else, no element or handler of theirs, and nothing for the page's policy to stop."""
    name = "<img src=x onerror=window.hurt=1> {{7*7}} 'Eve'"
    event, token = invite(name, "curator", "owner")
    desk.store.append(event)
    with chromium() as browser:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        dialogs, asked, errors = [], [], []
        page.on("dialog", lambda each: (dialogs.append(each.message), each.dismiss()))
        page.on("request", lambda each: asked.append(each.url))
        page.on("pageerror", lambda each: errors.append(str(each)))
        page.goto(f"{desk.address}/enter?token={token}")
        page.wait_for_selector(".item")

        def inert(where):
            found = page.evaluate(FOUND)
            assert found["hurt"] is None, where
            assert found["violations"] == [], where
            assert found["elements"] == [], where
            assert found["forms"] == 0, where
            assert found["handlers"] == 0, where
            assert found["hidden"] == "block", where
            for protocol, host, rel, ours in found["links"]:
                if host != desk.address.removeprefix("http://"):
                    assert (protocol, host, ours) == ("https:", "ok.example", False), where
                    assert "noopener" in rel and "nofollow" in rel, where

        inert("the first example")
        for key in ("e", "Control+Enter"):
            page.wait_for_timeout(150)
            page.keyboard.press(key)
        page.wait_for_timeout(300)
        inert("after an edit")
        page.keyboard.press("r")
        page.focus("#reason")
        page.keyboard.insert_text(ALL.replace("\n", " ")[:1900])
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        subject = desk.events("reject")[0].subject
        page.goto(f"{desk.address}/review?show=all&at={subject}")
        page.wait_for_selector(f'.item[data-content="{subject}"]')
        assert "window.hurt=1" in page.inner_text(".standing")  # the reason, as text
        inert("a reason")
        page.goto(f"{desk.address}/review?order=more&like={subject}")
        page.wait_for_selector(".item")
        inert("the likes")
        page.goto(f"{desk.address}/search?text=%3Cscript%3E&fate=all")
        inert("the ledger")
        assert page.locator(".found li").count() > 10
        other = enter(browser, desk.address)
        other.goto(f"{desk.address}/review?show=all&at={subject}")
        other.wait_for_selector(".item")
        other.keyboard.press("a")
        other.wait_for_selector(".notice")
        assert "<img src=x" in other.inner_text(".notice")
        assert other.evaluate("() => window.hurt ?? null") is None
        assert other.locator("#notices img").count() == 0
        assert dialogs == []
        assert errors == []
        assert {url.split("/")[2] for url in asked} == {desk.address.removeprefix("http://")}


def test_a_row_without_end_is_cut_and_its_end_is_said(desk):
    shown = plain("x" * (LONGEST + 5000))
    assert len(shown) < LONGEST + 100
    assert shown.endswith("… (5,000 characters more)")
    assert len(markdown("[" * 200_000)) < 2 * LONGEST
    assert len(markdown("> " * 30_000 + "deep")) < 20 * LONGEST


@pytest.mark.parametrize("text", EVIL)
def test_nothing_of_theirs_is_left_in_the_html(text):
    html = str(markdown(text))
    for word in (
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<style",
        "<form",
        "<base",
        "<meta",
        "<math",
        'href="javascript',
        'href="data',
        "\u202e",
        "\x1b",
    ):
        assert word not in html


def test_marks_that_cannot_be_seen_are_shown():
    assert plain("a\u202eb\u200bc\x00d\ud800") == "a[U+202E]b[U+200B]c[U+0000]d[U+D800]"
    assert (
        plain("two\nlines\tand \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "two\nlines\tand \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


def test_markdown_keeps_what_people_wrote():
    html = str(markdown("# Title\n\nA **bold** [link](https://ok.example/a) and `code`.\n\n1. one\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    assert "<h3>Title</h3>" in html
    assert "<strong>bold</strong>" in html
    assert "<code>code</code>" in html
    assert "<td>2</td>" in html
    assert ">link</a> <span>(https://ok.example/a)</span>" in html
    assert str(markdown("![a cat](https://ok.example/cat.png)")) == "<p>[image: a cat (https://ok.example/cat.png)]</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "[//]: # (HIDDEN words)\n\nshown",
        "| a |\n|---|\n| x | HIDDEN words |",
        "```python HIDDEN words\ncode\n```",
        '[a link](https://ok.example "HIDDEN words")',
        '![a picture](https://ok.example/x.png "HIDDEN words")',
        "> " * 25 + "HIDDEN words",
        "- " * 15 + "HIDDEN words",
    ],
)
def test_what_markdown_does_not_show_is_shown(text):
    """Whoever accepts an example has seen all of what is trained on."""
    assert "HIDDEN words" in re.sub("<[^>]*>", "", str(markdown(text)))


def test_entities_are_shown_as_they_are_written_and_make_no_marks():
    assert str(markdown("a&#8238;b &#x200b; &quot;")) == "<p>a&amp;#8238;b &amp;#x200b; &amp;quot;</p>\n"
    assert "(https://ok.example a[U+202E]b)" in markdown('[x](https://ok.example "a&#8238;b")')


def test_of_what_shows_anyway_the_source_is_not_repeated():
    text = "# One *two*\n\n1. three\n2. four `five`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    text += "```python\nsix\n```\n[x](https://ok.example) <b>\n\n[1]: https://x"
    assert "As it is written" not in markdown(text)


def test_of_turns_without_end_some_are_shown_and_the_rest_is_counted(tmp_path):
    def turns(i):
        return [{"role": ("user", "assistant")[at % 2], "content": f"{i} {at}"} for at in range(5000)]

    run = make_run(tmp_path / "run", rows=3, budget=1, messages=turns)
    with Store.at(run) as store:
        page = Person(make_app(run, store, token=TOKEN)).get("/review").text
    assert "4,800 more turns are not shown" in page
    assert len(page) < 500_000


def test_every_example_can_be_opened(desk):
    assert len(contents(desk.run)) == 20
