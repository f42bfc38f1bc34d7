import re
from xml.etree import ElementTree

import pytest

from tests.report.synthetic import POOL, demo
from thousand.report import figures, summarise
from thousand.report.canvas import Canvas


@pytest.fixture(scope="module")
def summary():
    return summarise(demo())


def drawings(summary, width):
    overall = [each for each in summary.comparisons if each.criterion == "overall"]
    return {
        "win_tie_lose": figures.win_tie_lose(overall, width).svg(),
        "ratings": figures.ratings(summary.arms, width).svg(),
        "correct": figures.correct(summary.arms, width).svg(),
        "knowledge": figures.knowledge(summary.arms, width).svg(),
        "pool": figures.pool(POOL, width).svg(),
    }


@pytest.mark.parametrize("width", [figures.WIDE, figures.NARROW])
def test_figures_are_svg_with_words_that_can_be_read_and_stay_on_the_sheet(summary, width):
    for name, svg in drawings(summary, width).items():
        sheet = ElementTree.fromstring(svg.replace("xlink:", ""))
        assert sheet.get("aria-label"), name
        words = [element for element in sheet.iter() if element.tag.endswith("text")]
        assert len(words) > 8, name
        for element in words:
            x = re.search(r"translate\(([-\d.]+)", element.get("transform", "")) or re.match(r"([-\d.]+)", element.get("x", "0"))
            assert -1 <= float(x[1]) <= width + 1, (name, element.text)


def test_the_same_drawing_is_the_same_bytes(summary):
    assert drawings(summary, 700) == drawings(summary, 700)
    assert not re.search(r"\d{4}-\d\d-\d\d", "".join(drawings(summary, 700).values()))


def test_colours_are_the_pages(summary):
    for svg in drawings(summary, 700).values():
        assert "currentColor" in svg
        assert "#0101" not in svg


def test_bars_are_as_long_as_their_shares():
    """Two prompts won, one tied, one lost: half, a quarter, a quarter of the bar."""
    comparison = summarise(demo()).comparisons[0].model_copy(update={"win": 0.5, "tie": 0.25, "lose": 0.25})
    svg = figures.win_tie_lose([comparison], 700).svg()
    words = re.findall(r">(\d+)</text>", svg)
    assert words == ["50", "25", "25"]
    bars = [
        float(right) - float(left)
        for left, right in re.findall(r'<path d="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \nL [\d.]+ [\d.]+ \nL [\d.]+ [\d.]+ \nz', svg)
    ]
    longest = max(bars)
    assert [round(bar / longest, 2) for bar in bars[-3:]] == [1.0, 0.5, 0.5]


def test_a_void_comparison_says_so_and_gives_no_figures():
    comparison = summarise(demo()).comparisons[0].model_copy(update={"void": "forgot"})
    svg = figures.win_tie_lose([comparison]).svg()
    assert ">void<" in svg
    assert "+57 to" not in svg


def test_names_of_unknown_making_are_escaped_and_cut():
    pool = POOL.model_copy(update={"dropped": {"<script>alert(1)</script>" + "x" * 200: 3, "$a_1$ & b\x00": 2}})
    svg = figures.pool(pool).svg()
    assert "<script" not in svg
    assert "xxxxxxxx" * 10 not in svg
    ElementTree.fromstring(svg.replace("xlink:", ""))


def test_many_reasons_are_added_up_so_that_none_is_lost():
    pool = POOL.model_copy(update={"dropped": {f"reason {i}": 100 - i for i in range(30)}})
    svg = figures.pool(pool).svg()
    assert f">{sum(100 - i for i in range(12, 30)):,}<" in svg


def test_one_arm_or_equal_ratings_can_be_drawn():
    arm = summarise(demo()).arms[0].model_copy(update={"mean_rating": 5.0, "interval": (5.0, 5.0)})
    assert ">5.0<" in figures.ratings([arm]).svg()
    assert figures.ratings([]).svg().startswith("<svg")


def test_what_is_unseen_in_a_title_is_left_out():
    canvas = Canvas(10, 10, "a\u202e\x00<b>")
    canvas.specks([(1.04, 2), (3, 4)], "#010101", radius=1.5)
    canvas.curve([0, 5], [1, 2], dashes=(2, 1))
    svg = canvas.svg()
    assert "<title>a  &lt;b&gt;</title>" in svg
    assert 'd="M1.0 2.0h0M3.0 4.0h0"' in svg
    assert "stroke-width:3;" in svg
    assert "stroke-dasharray" in svg
    ElementTree.fromstring(svg.replace("xlink:", ""))
