"""The drawings of the choice: every dot is there, bars and curves are as high as what they show, words stay on the sheet."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.report.synthetic import picture
from thousand.report import figures
from thousand.report import picture as draw
from thousand.report.canvas import Canvas
from thousand.report.scales import spaced

MANY = ("curated-1000", "random-1000", "a-name-that-is-longer-than-any-panel-or-margin-has-room-for", "x", "y", "z")
WORDS = r"<text[^>]*>([^<]*)</text>"


def drawings(seen):
    """Name, width and SVG of every drawing."""
    for width in (figures.WIDE, figures.NARROW):
        yield "curves", width, draw.curves(seen, width).svg()
    for kind in (draw.maps, draw.lengths, draw.sources):
        for canvas in kind(seen):
            yield kind.__name__, draw.PANEL, canvas.svg()


@pytest.mark.parametrize("names", [("only",), MANY])
def test_drawings_are_svg_with_a_title_and_words_that_stay_on_the_sheet(names):
    seen = picture(names)
    drawn = list(drawings(seen))
    assert len(drawn) == 2 + 3 * len(names)
    for name, width, svg in drawn:
        sheet = ElementTree.fromstring(svg.replace("xlink:", ""))
        assert sheet.get("aria-label"), name
        assert "#0101" not in svg
        height = float(sheet.get("height"))
        for element in (each for each in sheet.iter() if each.tag.endswith("text")):
            place = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)", element.get("transform", ""))
            x, y = place.groups() if place else (element.get("x", "0"), element.get("y", "0"))
            assert -1 <= float(x) <= width + 1, (name, element.text)
            assert 0 <= float(y) <= height, (name, element.text)


def test_the_same_picture_is_the_same_bytes():
    assert list(drawings(picture())) == list(drawings(picture()))


def places(svg):
    """The places of the marks, a list for each colour and size."""
    return [re.findall(r"M([\d.]+) ([\d.]+)h0", path) for path in re.findall(r'<path d="([^"]*h0)"', svg)]


def test_the_map_shows_every_row_of_the_sample_and_every_pick_hollow_where_the_rules_drop_it():
    seen = picture()
    for arm, svg in zip(seen.arms, map(Canvas.svg, draw.maps(seen)), strict=True):
        marks = places(svg)
        dropped = int((~arm.kept).sum())
        assert [len(each) for each in marks] == [2513, 100, 100, *([dropped] if dropped else [])]
        assert marks[1] == marks[2]
        assert set(marks[-1]) <= set(marks[2])
    assert len(svg) < 60_000


def test_the_map_keeps_directions_and_distances_along_an_axis():
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 4.0]])
    seen = picture(("only",))
    seen = replace(
        seen, places=corners, lengths=np.array([1, 2, 3]), arms=[replace(seen.arms[0], places=corners[:0], kept=np.ones(0, bool))]
    )
    ((x0, y0), (x1, y1), (x2, y2)) = [(float(x), float(y)) for x, y in places(draw.maps(seen)[0].svg())[0]]
    assert x2 - x0 == pytest.approx((x1 - x0) / 2, abs=0.2)
    assert y0 == y1 < y2


def test_a_map_whose_rows_coincide_can_be_drawn():
    seen = picture()
    arms = [replace(arm, places=np.zeros((100, 2))) for arm in seen.arms]
    assert draw.maps(replace(seen, places=np.zeros((2513, 2)), arms=arms))[0].svg().startswith("<svg")


def test_curves_are_named_with_what_they_reach_and_the_higher_lies_higher():
    svg = draw.curves(picture(), figures.WIDE).svg()
    words = re.findall(WORDS, svg)
    assert words[-6:] == ["curated-100", "0.77", "random-100", "0.68", "longest-100", "0.58"]
    assert "100" in words
    assert "0.8" in words


def test_labels_of_curves_that_end_together_stand_apart_and_above_the_lowest():
    ends = spaced([100.0, 101.0, 240.0, 100.5, 250.0], 17, 0.0, 250.0)
    assert np.diff(sorted(ends)).min() >= 17
    assert max(ends) <= 250
    assert sorted(range(5), key=ends.__getitem__) == [0, 3, 1, 2, 4]
    assert spaced([10.0, 50.0], 17, 0.0, 250.0) == [10.0, 50.0]


def test_curves_of_different_budgets_share_one_scale():
    seen = picture()
    seen = replace(seen, arms=[seen.arms[0], replace(seen.arms[1], coverage=seen.arms[1].coverage[:10])])
    words = re.findall(WORDS, draw.curves(seen, figures.WIDE).svg())
    assert [word for word in words if word in ("0", "20", "40", "60", "80", "100")] == ["0", "20", "40", "60", "80", "100"]


@pytest.mark.parametrize("most", [1, 2, 7, 99, 100, 101, 1999, 2000])
def test_ticks_are_few_round_and_within(most):
    ticks = draw._ticks(most)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 6
    assert ticks[-1] <= most


def test_bars_of_lengths_are_as_high_as_their_shares():
    """All of the pool between two lengths, all picks at another: one grey bar, one step of the line, both full."""
    seen = picture(("only",))
    seen = replace(seen, lengths=np.full(50, 100), arms=[replace(seen.arms[0], lengths=np.full(20, 1000))])
    svg = draw.lengths(seen)[0].svg()
    boxes = re.findall(r'<path d="M [\d.]+ ([\d.]+) \nL [\d.]+ [\d.]+ \nL [\d.]+ ([\d.]+) ', svg)
    heights = [round(abs(float(foot) - float(top))) for foot, top in boxes]
    assert [each for each in heights if each][1:] == [130]  # the first box is the sheet
    assert {"100", "300", "1,000"} <= set(re.findall(WORDS, svg))


@pytest.mark.parametrize("lengths", [np.zeros(9, dtype=int), np.full(9, 5), np.array([1, 10**6] * 5)])
def test_lengths_of_any_kind_can_be_drawn(lengths):
    seen = picture(("only",))
    assert draw.lengths(replace(seen, lengths=lengths, arms=[replace(seen.arms[0], lengths=lengths)]))[0].svg().startswith("<svg")


def test_sources_are_drawn_where_there_are_several():
    svg = draw.sources(picture(("only",)))[0].svg()
    assert {"chat:lab/pool.jsonl", "60% / 84%", "stackexchange:lab/posts.xml"[:5]} <= {*re.findall(WORDS, svg), "stack"}
    assert draw.sources(picture(sources=("chat:lab/pool.jsonl",))) == []


def test_names_of_unknown_making_are_escaped_and_stripped():
    seen = picture(sources=("<script>alert(1)</script>", "a\u202e\x00&b"))
    for svg in map(Canvas.svg, draw.sources(seen)):
        assert "<script" not in svg
        assert "\u202e" not in svg
        ElementTree.fromstring(svg.replace("xlink:", ""))
