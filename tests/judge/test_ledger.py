"""Files of verdicts: what is written is what is read, in every form, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge.parts import answers
from thousand import tables
from thousand.errors import DataError
from thousand.judge import check_once, judge, read_verdicts, write_verdicts
from thousand.recipe import Choice

ODD = ["=1+1", "'=1", "''x", "a\r\nb", '"', "\u2028", "-", "@x"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(ODD)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12) | st.sampled_from(["=1+1", "'=1", "\uff1d1", '"'])
NUMBERS = st.floats(-(2**53), 2**53)
INT32 = st.integers(-(2**31), 2**31 - 1)
ALWAYS = {"prompt_id": NAMES, "judge": NAMES, "criterion": NAMES, "a": NAMES, "a_seed": INT32, "sample": INT32}
SOMETIMES = {"raw": TEXTS, "why": TEXTS, "key": TEXTS, "seconds": NUMBERS, "cost": NUMBERS, "tokens": st.integers(0, 2**62)}
PAIR = {"b": NAMES, "b_seed": INT32, "order": st.sampled_from([None, "ab", "ba"]), "verdict": st.sampled_from([None, "a", "b", "tie"])}
ROWS = st.fixed_dictionaries(ALWAYS, optional=SOMETIMES | {"rating": NUMBERS}) | st.fixed_dictionaries(
    ALWAYS | PAIR, optional=SOMETIMES
).filter(lambda row: (row["a"], row["a_seed"]) != (row["b"], row["b_seed"]))


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
@given(rows=st.lists(ROWS, max_size=4, unique_by=lambda row: row["prompt_id"]))
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_again(form, rows):
    table = pa.Table.from_pylist(rows, schema=tables.VERDICTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new" / f"verdicts.{form}"
        write_verdicts(path, table)
        assert read_verdicts(path).equals(table)
        assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_ledger_goes_out_to_people_and_comes_back(tmp_path):
    arms = {("a", 0): answers("x", "yy"), ("b", 1): answers("xx", "y")}
    ledger = judge(arms, [Choice(name="longest")], claim="a")
    for form in ("jsonl", "csv"):
        write_verdicts(tmp_path / f"v.{form}", ledger)
        back = judge(arms, [Choice(name="verdicts", options={"path": str(tmp_path / f"v.{form}")})], claim="a")
        assert back.equals(ledger)


def test_no_cell_that_a_model_wrote_runs_in_a_spreadsheet(tmp_path):
    said = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "\n=1", *"\uff1d\uff0b\uff0d\uff20", "plain", "'quoted'"]
    rows = [
        {"prompt_id": f"p{i}", "sample": 0, "judge": "j", "criterion": "overall", "a": "a", "a_seed": 0, "raw": each}
        for i, each in enumerate(said)
    ]
    write_verdicts(tmp_path / "v.csv", pa.Table.from_pylist(rows, schema=tables.VERDICTS))
    with (tmp_path / "v.csv").open(newline="") as stream:
        cells = [row["raw"] for row in csv.DictReader(stream)]
    assert cells == [f"'{each}" for each in said[:-2]] + said[-2:]
    assert read_verdicts(tmp_path / "v.csv")["raw"].to_pylist() == said


@pytest.mark.parametrize(("mark", "delimiter"), [("", ","), ("\ufeff", ";"), ("", "\t")])
def test_a_spreadsheet_saves_it_with_whatever_stands_between_cells(tmp_path, mark, delimiter):
    lines = ["prompt_id,a,b,verdict,raw", 'p0,x,y,a,"two', 'lines"', ",,,,", "p1,x,y,tie,"]
    (tmp_path / "v.csv").write_text(mark + "\n".join(lines).replace(",", delimiter) + "\n", encoding="utf-8")
    rows = read_verdicts(tmp_path / "v.csv", name="Ann").to_pylist()
    assert [(row["prompt_id"], row["judge"], row["b_seed"], row["verdict"], row["raw"]) for row in rows] == [
        ("p0", "Ann", 0, "a", "two\nlines"),
        ("p1", "Ann", 0, "tie", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt_id,a,rating\np0,x,good\n", r"v\.csv, row 2: rating: expected a number, found 'good'"),
        ('prompt_id,a,rating,raw\np0,x,1,"a\nb"\np1,x,1,\np2,x,1.5e,\n', r"v\.csv, row 4: rating: expected a number, found '1\.5e'"),
        ("prompt_id,a,sample\np0,x,1.5\n", r"v\.csv, row 2: sample: expected a whole number, found '1\.5'"),
        ("prompt_id,a,rating\np0,x,inf\n", r"v\.csv, row 2: rating: expected a number, found inf"),
        ("prompt_id,a,winner\np0,x,a\n", r"v\.csv, row 2: winner: no such column"),
        ("prompt_id,a,rating\np0,x\n", r"v\.csv cannot be read: .*Expected 3 columns"),
        ("", r"v\.csv cannot be read"),
    ],
)
def test_a_cell_that_is_wrong_is_named_by_row_and_field(tmp_path, text, said):
    (tmp_path / "v.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_verdicts(tmp_path / "v.csv")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"prompt_id": ', "\x00"])
def test_a_line_that_is_not_json_is_named(tmp_path, text):
    (tmp_path / "v.jsonl").write_text(f"\n{text}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"v\.jsonl:2: not JSON"):
        read_verdicts(tmp_path / "v.jsonl")


def test_a_cell_of_more_than_a_megabyte_is_read(tmp_path):
    row = {"prompt_id": "p", "sample": 0, "judge": "j", "criterion": "overall", "a": "a", "a_seed": 0, "raw": "long, " * 500_000}
    table = pa.Table.from_pylist([row, row | {"prompt_id": "q"}], schema=tables.VERDICTS)
    write_verdicts(tmp_path / "v.csv", table)
    assert read_verdicts(tmp_path / "v.csv").equals(table)


@pytest.mark.parametrize("rating", ["1" + "0" * 400, "9007199254740993", "1.7e308", "-1e300"])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_number_that_is_too_large_to_reckon_with_is_named(tmp_path, rating, form):
    texts = {"jsonl": f'{{"prompt_id": "p", "a": "x", "rating": {rating}}}\n', "csv": f"prompt_id,a,rating\np,x,{rating}0\n"}
    (tmp_path / f"v.{form}").write_text(texts[form] if "e" in rating else texts[form].replace(f"{rating}0", f"{rating}0.0"))
    with pytest.raises(DataError, match=r"rating: expected a number"):
        read_verdicts(tmp_path / f"v.{form}")


def test_numbers_up_to_the_largest_are_read_and_one_of_too_many_digits_is_named(tmp_path):
    (tmp_path / "v.jsonl").write_text(f'{{"prompt_id": "p", "a": "x", "rating": {2**53}, "cost": 0.5}}\n')
    assert read_verdicts(tmp_path / "v.jsonl")["rating"].to_pylist() == [2**53]
    (tmp_path / "v.jsonl").write_text(f'{{"prompt_id": "p", "a": "x", "rating": {"1" * 5000}}}\n')
    with pytest.raises(DataError, match=r"v\.jsonl:1: not JSON: a number is too long"):
        read_verdicts(tmp_path / "v.jsonl")


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "a\u2028b", "\x7f"])
@pytest.mark.parametrize("field", ["prompt_id", "judge", "criterion", "a", "b"])
def test_a_name_that_would_reach_a_terminal_as_an_order_is_refused(tmp_path, field, name):
    (tmp_path / "v.jsonl").write_text(json.dumps({"prompt_id": "p", "a": "x", "b": "y", "verdict": "a", field: name}))
    with pytest.raises(DataError, match=rf"v\.jsonl:1: {field}: expected a name without line breaks"):
        read_verdicts(tmp_path / "v.jsonl")


def test_of_several_files_nobody_judges_the_same_twice(tmp_path):
    def people(*rows):
        (tmp_path / "v.jsonl").write_text(
            "".join(json.dumps({"prompt_id": "p", "a": "x", "b": "y", "verdict": "a"} | row) + "\n" for row in rows)
        )
        return read_verdicts(tmp_path / "v.jsonl")

    both = people({"order": "ab"}, {"order": "ba"}, {"judge": "Ann"}, {"sample": 1}, {"b_seed": 1})
    check_once(both)
    check_once(both.slice(0, 0))
    turned = {"a": "y", "b": "x", "order": "ba"}  # shown in the same order
    for again in (people({"order": "ab", "verdict": "b"}), people(turned), people({"judge": "Ann", "raw": "B"})):
        with pytest.raises(
            DataError, match=r"The judge (people|Ann) judged the same twice, by overall: prompt 'p', sample 0, [xy] \(seed 0\)"
        ):
            check_once(pa.concat_tables([both, again]))
