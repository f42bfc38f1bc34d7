"""Chat files: formats, forms, descriptions, and everything that can be wrong with a row or a file."""

import csv
import gzip
import json
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thousand.errors import DataError, RecipeError
from thousand.gather.forms.chat import chat
from thousand.gather.rows import LONGEST_RAW, LONGEST_ROW, Candidate, Rejected

ROWS = [{"prompt": "Why?", "response": "Because."}, {"prompt": "How so?", "response": "It follows."}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def read(tmp_path, name, data, **options):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(chat(path=str(path), **options))


def only(rows) -> Rejected:
    [row] = rows
    assert isinstance(row, Rejected), row
    return row


def said(row):
    assert isinstance(row, Candidate), row
    return [message["content"] for message in row.messages]


COMMA = "prompt,response\nWhy?,Because.\nHow so?,It follows.\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.jsonl", LINES),
        ("p.ndjson", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n\n")),
        ("p.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("p.jsonl.zst", zstd(LINES)),
        ("p.json", json.dumps(ROWS, indent=2)),
        ("p.json", b"\xef\xbb\xbf" + json.dumps(ROWS).encode()),
        ("p.json.gz", gzip.compress(json.dumps(ROWS).encode(), mtime=0)),
        ("p.JSON", LINES),
        ("p.csv", COMMA),
        ("p.csv.zst", zstd(COMMA.encode())),
        ("p.tsv", COMMA.replace(",", "\t")),
    ],
)
def test_every_text_format_gives_the_same_rows(tmp_path, name, data):
    assert [said(row) for row in read(tmp_path, name, data)] == [["Why?", "Because."], ["How so?", "It follows."]]


def test_parquet_gives_nested_rows(tmp_path):
    rows = [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": q.upper()}], "tags": ["t"]} for q in ("a", "b")]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    found = list(chat(path=str(tmp_path / "p.parquet")))
    assert [(row.origin, row.form, said(row), row.tags) for row in found] == [
        ("p.parquet:1", "messages", ["a", "A"], ["t"]),
        ("p.parquet:2", "messages", ["b", "B"], ["t"]),
    ]


def test_a_parquet_row_of_other_bytes_costs_only_itself(tmp_path):
    answers = pa.Array.from_buffers(pa.string(), 3, pa.array([b"one", b"\xff\xfe", b"three"], pa.binary()).buffers())
    pq.write_table(pa.table({"prompt": ["a", "b", "c"], "response": answers}), tmp_path / "p.parquet")
    first, second, third = chat(path=str(tmp_path / "p.parquet"))
    assert (said(first), said(third)) == (["a", "one"], ["c", "three"])
    assert second.origin == "p.parquet:2"
    assert "not UTF-8" in second.reason


def test_csv_cells_hold_lists_as_json_and_line_breaks(tmp_path):
    with (tmp_path / "p.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["messages", "tags", "score"])
        writer.writerow([json.dumps([{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": 'c "d", e'}]), '["x","y"]', ""])
    [row] = chat(path=str(tmp_path / "p.csv"))
    assert said(row) == ["a\nb", 'c "d", e']
    assert (row.tags, row.score) == (["x", "y"], None)


def test_a_json_list_longer_than_what_is_read_at_once_comes_whole(tmp_path):
    rows = [{"prompt": f"number {n}?", "response": "é" * 5000} for n in range(300)]
    found = read(tmp_path, "p.json", json.dumps(rows, ensure_ascii=False))
    assert [row.origin for row in found] == [f"p.json:{n}" for n in range(1, 301)]
    assert said(found[-1]) == ["number 299?", "é" * 5000]


def test_globs_are_sorted_and_a_file_named_twice_is_read_once(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.jsonl").write_bytes(LINES)
    found = chat(path=[str(tmp_path / "c.jsonl"), str(tmp_path / "*.jsonl")])
    assert [row.source for row in found] == ["c.jsonl"] * 2 + ["a.jsonl"] * 2 + ["b.jsonl"] * 2


def test_a_form_can_be_forced(tmp_path):
    row = {"instruction": "Sum up.", "context": "A text.", "input": "Another.", "output": "No.", "response": "Yes."}
    assert said(read(tmp_path, "p.jsonl", json.dumps(row))[0]) == ["Sum up.\n\nAnother.", "No."]
    assert said(read(tmp_path, "p.jsonl", json.dumps(row), form="dolly")[0]) == ["Sum up.\n\nA text.", "Yes."]


def test_columns_are_mapped_onto_a_form(tmp_path):
    row = {"title": "Why?", "text": "Because.", "votes": 4, "prompt": "not this"}
    [found] = read(tmp_path, "p.jsonl", json.dumps(row), columns={"title": "prompt", "text": "response", "votes": "score"})
    assert (said(found), found.score) == (["Why?", "Because."], 4.0)


def test_a_column_that_no_row_has_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"No row of .*p\.jsonl has a field vots"):
        read(tmp_path, "p.jsonl", LINES, columns={"vots": "score"})


def test_options_that_do_not_exist_are_errors(tmp_path):
    with pytest.raises(RecipeError, match="form 'alpacca' is not known"):
        read(tmp_path, "p.jsonl", LINES, form="alpacca")
    with pytest.raises(RecipeError, match=r"columns\.a: 'promt' is not a field"):
        read(tmp_path, "p.jsonl", LINES, columns={"a": "promt"})
    with pytest.raises(RecipeError, match="two columns"):
        read(tmp_path, "p.jsonl", LINES, columns={"a": "prompt", "b": "prompt"})


def test_the_licence_given_is_of_rows_that_name_none(tmp_path):
    rows = [ROWS[0], ROWS[1] | {"licence": "MIT"}]
    found = read(tmp_path, "p.jsonl", "".join(json.dumps(row) + "\n" for row in rows), licence="CC0")
    assert [row.licence for row in found] == ["CC0", "MIT"]


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("score", "12.5", 12.5),
        ("score", None, None),
        ("score", "", None),
        ("author", 17, "17"),
        ("tags", "one", ["one"]),
        ("tags", None, None),
    ],
)
def test_descriptions_are_taken_as_they_may_be_meant(tmp_path, field, value, taken):
    [row] = read(tmp_path, "p.jsonl", json.dumps(ROWS[0] | {field: value}))
    assert getattr(row, field) == taken


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", "many"),
        ("score", True),
        ("score", [1]),
        ("score", 1e999),
        ("author", {"name": "x"}),
        ("link", ["x"]),
        ("tags", [1]),
        ("group", 1.5),
    ],
)
def test_a_description_of_the_wrong_type_rejects_its_row(tmp_path, field, value):
    row = only(read(tmp_path, "p.jsonl", json.dumps(ROWS[0] | {field: value})))
    assert row.field == field
    assert "expected" in row.reason


def test_broken_json_line_is_rejected_with_its_position(tmp_path):
    first, broken, last = read(tmp_path, "p.jsonl", LINES.replace(b"\n", b'\n\n{"prompt": "x" "y"}\n', 1))
    assert (first.origin, last.origin) == ("p.jsonl:1", "p.jsonl:4")
    assert broken == Rejected(
        "p.jsonl", "p.jsonl:3", None, "not JSON: Expecting ',' delimiter at character 16 of the line", '{"prompt": "x" "y"}\n'
    )


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b'{"prompt": "caf\xe9", "response": "x"}', None, "not UTF-8: the byte 0xe9 at byte 16"),
        (b'{"prompt": "a\x00b", "response": "x"}', None, "not JSON"),
        (rb'{"prompt": "a\u0000b", "response": "x"}', "prompt", "NUL"),
        (rb'{"prompt": "a\ud800b", "response": "x"}', "prompt", "lone surrogate"),
        (b"[" * 100_000, None, "lists within lists"),
        (b'{"score": ' + b"9" * 5000 + b"}", None, "not JSON that can be read"),
        (b"17", None, "expected fields with names, found int"),
        (b'{"title": "x"}', None, "no known form: the fields are title"),
        (b'{"prompt": "x", "response": " "}', "messages[1].content", "empty assistant turn"),
        (b'{"prompt": "x", "response": null}', "response", "expected text, found nothing"),
        (b'{"prompt": "x"}', "messages", "last turn is not the assistant's"),
        (b'{"messages": [{"role": "wizard", "content": "x"}]}', "messages[0].role", "unknown role 'wizard'"),
        (b'{"messages": [{"content": "x"}]}', "messages[0].role", "expected text, found nothing"),
        (b'{"messages": {}}', "messages", "expected a list of turns, found dict"),
        (b'{"instruction": "x", "output": "y", "history": 3}', "history", "expected a list"),
        (b'{"instruction": "x", "output": "y", "history": [["a", 1]]}', "history[0][1]", "expected text, found int"),
        (b'{"messages": [{"role": "assistant", "content": "x"}]}', "messages", "first turn is not the user's"),
    ],
)
def test_a_malformed_row_is_rejected_with_field_and_reason_and_the_next_is_read(tmp_path, line, field, reason):
    row, *others = read(tmp_path, "p.jsonl", line + b"\n" + LINES)
    assert len(others) == 2
    assert (row.origin, row.field) == ("p.jsonl:1", field)
    assert reason in row.reason
    row.raw.encode()  # and it can be written


def test_a_forced_form_without_its_field_is_rejected(tmp_path):
    assert only(read(tmp_path, "p.jsonl", '{"prompt": "x"}', form="messages")).field == "messages"


def test_an_absurdly_long_line_is_rejected_and_cut(tmp_path):
    line = b'{"prompt": "x", "response": "' + b"y" * (LONGEST_ROW + (3 << 20)) + b'"}\n'
    row, *others = read(tmp_path, "p.jsonl", line + LINES)
    assert len(others) == 2
    assert len(row.raw) == LONGEST_RAW
    assert "longer than 10,000,000" in row.reason
    assert "its first 1,000,000 are kept" in row.reason


def test_a_truncated_gzip_keeps_what_stood_before_the_break(tmp_path):
    whole = gzip.compress(b"".join(b'{"prompt": "%d", "response": "y"}\n' % n for n in range(2000)), mtime=0)
    *rows, last = read(tmp_path, "p.jsonl.gz", whole[: len(whole) // 2])
    assert [said(row)[0] for row in rows] == [str(n) for n in range(len(rows))]
    assert len(rows) == zlib.decompressobj(31).decompress(whole[: len(whole) // 2]).count(b"\n") > 500
    assert isinstance(last, Rejected)
    assert last.origin == f"p.jsonl.gz:{len(rows) + 1}"
    assert "breaks off here, what follows is not read" in last.reason


@pytest.mark.parametrize("name", ["p.jsonl.gz", "p.json.gz", "p.csv.gz", "p.jsonl.zst", "p.parquet"])
def test_a_file_that_is_not_what_its_name_says_is_one_rejection(tmp_path, name):
    row = only(read(tmp_path, name, b"this is plain text\n"))
    assert "breaks off here" in row.reason


@pytest.mark.parametrize("name", ["p.jsonl", "p.json", "p.csv", "p.jsonl.gz"])
def test_a_file_without_rows_is_one_rejection(tmp_path, name):
    row = only(read(tmp_path, name, gzip.compress(b"\n", mtime=0) if name.endswith("gz") else b"\n"))
    assert (row.origin, row.reason) == (name, "the file has no rows")


def test_a_json_list_that_breaks_keeps_what_stood_before(tmp_path):
    first, broken = read(tmp_path, "p.json", json.dumps(ROWS)[:-20])
    assert said(first) == ["Why?", "Because."]
    assert broken.origin == "p.json:2"
    assert broken.reason.startswith("not JSON, what follows is not read")


@pytest.mark.parametrize(
    ("data", "kept"), [("[]", 0), (json.dumps(ROWS) + " x", 2), (json.dumps(ROWS).replace("}, {", "} {"), 1), ("[1 2]", 0)]
)
def test_a_list_that_is_not_quite_one_says_so(tmp_path, data, kept):
    rows = read(tmp_path, "p.json", data)
    assert sum(isinstance(row, Candidate) for row in rows) == kept
    assert isinstance(rows[-1], Rejected)


def test_json_that_is_neither_list_nor_lines_is_one_rejection(tmp_path):
    assert "neither a list of rows" in only(read(tmp_path, "p.json", json.dumps({"data": ROWS}, indent=1))).reason


def test_bytes_that_are_not_utf8_in_a_json_list_cost_one_row(tmp_path):
    first, second = read(tmp_path, "p.json", json.dumps(ROWS).encode().replace(b"Why?", b"Wh\xff?"))
    assert "not UTF-8: the byte 0xff" in first.reason
    assert said(second) == ["How so?", "It follows."]


def test_an_open_quote_in_a_csv_costs_one_row(tmp_path):
    rows = read(tmp_path, "p.csv", COMMA.replace("Why?", '"Why?'))
    assert [type(row) for row in rows] == [Rejected, Candidate]
    assert (rows[0].origin, rows[0].raw) == ("p.csv:1", '"Why?,Because.\n')
    assert said(rows[1]) == ["How so?", "It follows."]


def test_a_csv_row_of_the_wrong_width_or_encoding_is_rejected(tmp_path):
    data = COMMA.encode().replace(b"Why?", b"Why?,x").replace(b"How", b"H\xf6w")
    wide, latin = read(tmp_path, "p.csv", data)
    assert wide.reason == "3 cells, the header has 2"
    assert "not UTF-8: the byte 0xf6" in latin.reason
    assert "H\\xf6w" in latin.raw


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.jsonl", "no file at"),
        ("*.jsonl", "No file matches"),
        (".", "is a folder without files of a kind"),
        ("a.7z", "is an archive"),
        ("a.txt", "not a kind of file"),
    ],
)
def test_a_path_that_cannot_be_read_says_what_to_do(tmp_path, path, message):
    for name in ("a.7z", "a.txt"):
        (tmp_path / name).write_text("x")
    with pytest.raises(DataError, match=message) as error:
        chat(path=str(tmp_path / path))
    assert error.value.remedy
