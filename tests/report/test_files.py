"""Figures as files: what stands beside the page is whole, the same each time, and safe to open."""

import csv
import io
import struct
from xml.etree import ElementTree

import pytest

from tests.report.rich import FEW, rich
from thousand.report import sheet
from thousand.report.canvas import ACCENT, TIE, Canvas
from thousand.report.figure import Figure, Table, name_of
from thousand.report.files import as_csv, write_figures
from thousand.report.gallery import gallery


@pytest.fixture(scope="module")
def every():
    return [each for each in gallery(*rich(FEW)).every() if each.name in ("wins-people", "map", "quantity-people", "perplexity")]


def test_each_figure_is_there_as_svg_png_and_csv_an_old_one_is_gone_and_what_is_not_ours_stays(every, tmp_path):
    for name in ("old.svg", "old.png", "old.csv", "mine.svg", "mine.csv", "notes.txt"):
        (tmp_path / name).write_text("before")
    write_figures(every, tmp_path)
    ours = {f"{each.name}.{ending}" for each in every for ending in ("svg", "png", "csv")}
    assert {path.name for path in tmp_path.iterdir()} == ours | {"mine.svg", "mine.csv", "notes.txt"}
    first = {path: path.read_bytes() for path in tmp_path.iterdir()}
    write_figures(every, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert max(map(len, first.values())) < 2_000_000


def test_an_svg_stands_alone_with_colours_and_type_of_its_own(every):
    for each in every:
        text = sheet.svg(each.wide)
        assert "var(" not in text
        assert "currentColor" not in text
        assert "#0101" not in text
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "Verdana, sans-serif" in text
        assert 'href="http' not in text


def test_a_png_has_two_pixels_for_each_of_the_drawing():
    one, two = Canvas(100, 40, "one"), Canvas(60, 50, "two")
    one.box(0, 0, 10, 10, ACCENT)
    two.specks([(3, 4), (5, 6)], TIE, radius=2)
    png = sheet.png([one, two])
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (2 * (16 + 100 + 28 + 60 + 16), 2 * (16 + 50 + 16))
    assert sheet.png([one, two]) == png


def test_panels_stand_in_rows():
    panels = [Canvas(100, 40, "panel")] * 4
    root = ElementTree.fromstring(sheet.svg(panels, columns=3))
    places = [(each.get("x"), each.get("y")) for each in root if each.tag.endswith("svg")]
    assert places == [("16", "16"), ("144", "16"), ("272", "16"), ("16", "84")]


def test_a_table_is_the_same_as_csv_and_none_of_its_cells_is_a_formula():
    table = Table(["=name", "value"], [["=1+1", -0.5], ["@x", None], ['a,"b"', 3], ["\u202e\x00", 1e-9]])
    read = list(csv.reader(io.StringIO(as_csv(table))))
    assert read == [["'=name", "value"], ["'=1+1", "-0.5"], ["'@x", ""], ['a,"b"', "3"], ["\u202e ", "1e-09"]]


@pytest.mark.parametrize(
    ("parts", "name"),
    [(("wins", "GPT-4 (ab)"), "wins-gpt-4-ab"), (("../../etc",), "etc"), (("", "日本"), "figure"), (("x" * 99,), "x" * 60)],
)
def test_a_name_of_unknown_making_is_the_name_of_a_file(parts, name):
    assert name_of(*parts) == name


def test_a_figure_without_panels_has_numbers_all_the_same(tmp_path):
    write_figures([Figure("empty", "", [Canvas(10, 10, "")], None, Table(["a"], []))], tmp_path)
    assert (tmp_path / "empty.csv").read_text() == "a\n"
