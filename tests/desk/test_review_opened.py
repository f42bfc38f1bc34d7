"""Review in a real Chromium, by keyboard alone: what is stored is what was done, whatever ends in between."""

from __future__ import annotations

import re
import statistics
import time

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.desk.judged import chromium, enter
from tests.desk.reviewed import Served, contents, make_run, messages_of
from thousand.desk.members import invite

DECIDED = "n => document.querySelector('#decided')?.textContent.startsWith(`${n} of`)"
WORDS = re.compile(r"\s+|\w+")
LARGEST, QUICK = 150_000, 100.0
"""Bytes of the first page with all it loads; milliseconds from a key to the next example on the screen."""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("review") / "run")
    served = Served(run)
    yield served
    served.stop()


@pytest.fixture
def fresh(tmp_path):
    """A desk of a test's own, at which nothing is decided."""
    served = Served(make_run(tmp_path / "run"))
    yield served
    served.stop()


def shown(page):
    return page.get_attribute(".item", "data-content")


def on_to(page, before):
    page.wait_for_function("was => document.querySelector('.item')?.dataset.content !== was", arg=before)


def press(page, *keys):
    """Keys that decide; waits for the next example."""
    before = shown(page)
    for key in keys:
        page.keyboard.press(key)
    on_to(page, before)


def acknowledged(desk, count):
    """Wait until so many decisions are on the disk."""
    for _ in range(500):
        if len(desk.events()) >= count:
            return desk.events()
        time.sleep(0.01)
    raise AssertionError(f"{len(desk.events())} events of {count}")


def test_ten_examples_reviewed_and_edited_by_keyboard_alone(browser, fresh):
    page = enter(browser, fresh.address)
    order = contents(fresh.run)
    assert shown(page) == order[0]
    press(page, "a")
    press(page, "r", "2")
    page.keyboard.press("e")
    page.keyboard.type(" One more sentence.")
    page.wait_for_selector(".diff.live ins")
    assert page.inner_text(".diff.live ins").strip() == "One more sentence."
    press(page, "Control+Enter")
    press(page, "s")
    page.keyboard.press("r")
    page.keyboard.press("Tab")  # to the words, past the reasons by number
    page.focus("#reason")
    page.keyboard.type("2 of its claims are false")
    press(page, "Enter")
    press(page, "a")
    page.keyboard.press("p")
    page.keyboard.press("Control+A")
    page.keyboard.type("What of chess?")
    press(page, "Control+Enter")
    press(page, "j")
    press(page, "k")
    press(page, "a")
    page.keyboard.press("u")  # takes it back
    page.wait_for_function("was => document.querySelector('.item')?.dataset.content === was", arg=order[7])
    press(page, "r", "9")
    press(page, "a")
    press(page, "a")
    told = [(each.kind, each.subject, each.reason) for each in acknowledged(fresh, 12)]
    assert told == [
        ("accept", order[0], None),
        ("reject", order[1], "not complete in itself"),
        ("edit", order[2], None),
        ("skip", order[3], None),
        ("reject", order[4], "2 of its claims are false"),
        ("accept", order[5], None),
        ("edit", order[6], None),
        ("accept", order[7], None),
        ("undo", order[7], None),
        ("reject", order[7], "badly formed"),
        ("accept", order[8], None),
        ("accept", order[9], None),
    ]
    edits = fresh.events("edit")
    original = messages_of(3)  # the third that is kept
    assert edits[0].after == [original[0], {**original[1], "content": original[1]["content"] + " One more sentence."}]
    assert edits[1].after[0]["content"] == "What of chess?"
    assert edits[1].after[1] == edits[1].before[1]
    taken = [each.after["replacement"] for each in fresh.events("reject")]
    assert len(set(taken)) == 3  # no two are promised the same row
    assert not set(taken) & set(order)
    page.context.close()


def test_a_reload_and_a_restart_lose_nothing(browser, fresh):
    page = enter(browser, fresh.address)
    order = contents(fresh.run)
    press(page, "a")
    page.keyboard.press("e")
    page.keyboard.type(" Half a thought")
    page.reload()
    page.wait_for_function("() => document.activeElement?.value?.endsWith(' Half a thought')")  # a draft, in its place
    page.keyboard.press("Escape")
    fresh.stop()
    press(page, "a")  # nobody is there to hear it
    page.wait_for_selector("#unsent:not(:empty)")
    assert page.inner_text("#unsent") == "1 unsent"
    assert page.inner_text(".notice").startswith("The server cannot be reached.")
    fresh.start()
    page.wait_for_selector("#unsent:empty", state="attached")
    assert [(each.kind, each.subject) for each in fresh.events()] == [("accept", order[0]), ("accept", order[1])]
    page.reload()
    page.wait_for_function(DECIDED, arg=2)
    assert shown(page) == order[2]
    page.context.close()


def test_the_later_of_two_curators_is_told_and_nothing_is_lost(browser, fresh):
    event, token = invite("Bea", "curator", "owner")
    fresh.store.append(event)
    first, second = enter(browser, fresh.address), enter(browser, fresh.address, token)
    subject = contents(fresh.run)[4]
    for page in (first, second):
        page.goto(f"{fresh.address}/review?show=all&at={subject}")
        page.wait_for_selector(f'.item[data-content="{subject}"]')
    press(first, "a")
    acknowledged(fresh, 1)
    press(second, "r", "1")
    second.wait_for_selector(".notice")
    told = second.inner_text(".notice")
    assert "Both decisions are kept" in told
    assert "owner accepted it" in told
    assert "nothing applies until an owner settles it" in told
    assert second.get_attribute("#notices", "aria-live") == "polite"
    assert [(each.who, each.kind) for each in fresh.events()] == [("owner", "accept"), ("Bea", "reject")]
    for page in (first, second):
        page.context.close()


def test_somebody_who_has_not_decided_is_not_told_what_others_say(browser, fresh):
    event, token = invite("Bea", "curator", "owner")
    fresh.store.append(event)
    subject = contents(fresh.run)[0]
    page = enter(browser, fresh.address)
    page.goto(f"{fresh.address}/review?show=all&at={subject}")
    press(page, "r", "1")
    acknowledged(fresh, 1)
    other = enter(browser, fresh.address, token)
    other.goto(f"{fresh.address}/review?show=all&at={subject}")
    assert "rejected" not in other.inner_text(".example")
    press(other, "a")
    acknowledged(fresh, 2)
    other.goto(f"{fresh.address}/review?show=all&at={subject}")
    assert "owner rejected it: wrong" in other.inner_text(".example")
    for each in (page, other):
        each.context.close()


def test_gentle_checks_say_what_they_see_and_stop_nobody(browser, desk):
    page = enter(browser, desk.address)
    page.keyboard.press("w")
    page.keyboard.type("How are bees kept?")
    page.focus("#write-response")
    page.keyboard.type("I keep mine as at https://example.org says")
    page.wait_for_function("() => document.querySelectorAll('#write-checks .off').length === 4")
    told = page.inner_text("#write-checks")
    assert "42 characters; usual are 1,200 to 4,096" in told
    assert "first person" in told
    assert "link" in told
    assert "Does not end" in told
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#writing", state="hidden")
    written = next(each for each in acknowledged(desk, 1) if each.kind == "write")
    assert written.after[0] == {"role": "user", "content": "How are bees kept?"}
    page.context.close()


def test_changes_are_the_fewest_and_make_one_text_of_the_other(browser, desk):
    """Random texts of few words, so that much is alike; the shortest script has as many words as the longest common subsequence leaves."""
    random = np.random.default_rng(0)
    pairs = [[" ".join(random.choice(list("abcd"), size=random.integers(0, 12))) for _ in range(2)] for _ in range(200)]
    pairs += [["", ""], ["one", ""], ["", "one"], ["a b c " * 2000, "x y " * 2000], ["\u4f60 same", "\u597d same"]]
    page = enter(browser, desk.address)
    script = "async (pairs) => { const { changes } = await import('/static/diff.js'); return pairs.map(([a, b]) => changes(a, b)); }"
    for (before, after), pieces in zip(pairs, page.evaluate(script, pairs), strict=True):
        assert "".join(text for sign, text in pieces if sign in "=-") == before
        assert "".join(text for sign, text in pieces if sign in "=+") == after
        if len(before) < 100:
            kept = sum(len(WORDS.findall(text)) for sign, text in pieces if sign == "=")
            assert kept == common(WORDS.findall(before), WORDS.findall(after))
    page.context.close()


def common(one, other):
    """Length of the longest common subsequence, by the textbook's table."""
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, j in np.ndindex(len(one), len(other)):
        table[i + 1, j + 1] = table[i, j] + 1 if one[i] == other[j] else max(table[i, j + 1], table[i + 1, j])
    return table[-1, -1]


def test_none_like_this_proposes_and_decides_nothing(browser, desk):
    page = enter(browser, desk.address)
    page.wait_for_selector(".item:not([data-waiting])", timeout=20_000)
    subject, before = shown(page), len(desk.events())
    page.keyboard.press("n")
    page.wait_for_url(re.compile("order=none"))
    assert "Nothing is rejected until you reject it" in page.inner_text("#asked")
    likest = shown(page)
    assert likest == subject  # itself is the likest of all
    assert len(desk.events()) == before
    assert [each.after for each in desk.events("guide") if each.subject == subject] == [{"like": "none"}]
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_serious_fault_of_accessibility(browser, desk, scheme, width):
    page = enter(browser, desk.address, color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce")
    page.wait_for_selector(".item")
    acts = {"review": None, "editing": "e", "reasons": "r", "keys": "?", "writing": "w"}
    for name, key in acts.items():
        if key:
            page.keyboard.press(key)
        check(page, f"{name}, {scheme}, {width}")
        page.keyboard.press("Escape")
    for path in ("/search?text=bread&signal=words", "/judge", "/team", "/results", "/nowhere"):
        page.goto(desk.address + path)
        check(page, f"{path}, {scheme}, {width}")
    page.context.clear_cookies()
    page.goto(desk.address)
    check(page, f"the door, {scheme}, {width}")
    page.context.close()


def check(page, where):
    faults = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert not faults, (where, [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in faults])
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (where, "one has to scroll to the side", wide)


def test_ten_thousand_examples_stay_quick(browser, tmp_path):
    """The figures themselves, from a quiet machine, are in benchmarks/desk.json: here it may be busy."""
    served = Served(make_run(tmp_path / "run", rows=12_520, budget=10_000))
    try:
        page = enter(browser, served.address)
        page.wait_for_load_state("networkidle")
        loaded = page.evaluate("""() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .filter(each => !each.name.includes("/review/items/")).reduce((sum, each) => sum + each.transferSize, 0)""")
        assert 10_000 < loaded < LARGEST
        for _ in range(15):
            press(page, "a")
            page.wait_for_timeout(50)  # nobody decides faster
        painted = page.evaluate("() => performance.getEntriesByName('shown').map(each => each.duration)")
        assert len(painted) == 15
        assert statistics.median(painted) < QUICK, painted
        page.context.close()
    finally:
        served.stop()
