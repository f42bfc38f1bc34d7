"""The page in a real browser: nothing is asked of the network, nothing runs, it can be read by all, on a phone and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.report.browser import chromium
from tests.report.rich import FEW, rich
from thousand.report import across, publish_across, publish_counts, read_counts
from thousand.report.page import page

LIMA = Path(__file__).parents[2] / Path("recipes/published/lima.csv")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name to path: a study, several runs, published counts."""
    folder = tmp_path_factory.mktemp("pages")
    summary, evidence = rich(FEW)
    study = folder / "study.html"
    study.write_text(page(summary, evidence), encoding="utf-8")
    runs = {"small": summary, "large": summary}
    return {
        "study": study,
        "across": publish_across(across(runs, dict.fromkeys(runs, evidence.verdicts)), folder / "across"),
        "counts": publish_counts(read_counts(LIMA), folder / "counts"),
    }


def opened(browser, path, **settings):
    """A page and everything that it asked for."""
    tab = browser.new_context(**settings).new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    return tab, asked


@pytest.mark.parametrize("name", ["study", "across", "counts"])
def test_nothing_is_asked_of_the_network_and_a_phone_scrolls_one_way(browser, pages, name):
    for width in (320, 390, 1200):
        tab, asked = opened(browser, pages[name], viewport={"width": width, "height": 800})
        assert asked == [pages[name].as_uri()]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        clipped = tab.evaluate(
            "[...document.querySelectorAll('figure svg')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
        )
        assert clipped == 0
        tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(browser, pages, scheme):
    """Axe's rules in the light, and contrast in the dark; of the tables beneath figures, which are all alike, two are open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    rules = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if scheme == "dark" else {})}
    for name, path in pages.items():
        tab, _ = opened(browser, path, color_scheme=scheme)
        tab.evaluate("document.querySelectorAll('details:not(.numbers)').forEach(each => { each.open = true })")
        tab.evaluate("[...document.querySelectorAll('details.numbers')].slice(0, 2).forEach(each => { each.open = true })")
        found = axe.Axe().run(tab, options=rules).response["violations"]
        grave = [(each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in ("serious", "critical")]
        assert grave == [], name
        tab.context.close()


def test_on_paper_every_table_is_open_and_nothing_is_cut(browser, pages):
    tab, _ = opened(browser, pages["study"], viewport={"width": 680, "height": 960})
    tab.emulate_media(media="print")
    shut = tab.evaluate(
        "[...document.querySelectorAll('details table, details pre')].filter(each => each.getBoundingClientRect().height < 20).length"
    )
    assert shut == 0
    wide = tab.evaluate(
        "[...document.querySelectorAll('table, pre, figure')].filter(each => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map(each => each.textContent.slice(0, 80))"
    )
    assert wide == []
    assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4"))) > 5
    tab.context.close()
