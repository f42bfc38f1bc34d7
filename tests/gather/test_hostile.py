"""Bad files of every format: each with the error or the rejections it must give, and the good rows around the bad that must survive.

A case is a file that somebody made by mistake or in malice. It says which answers are kept and, in order, of each
rejection the field and a part of the reason: no more rows and no fewer. None may take long or fill the memory.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import py7zr
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from thousand import tables
from thousand.errors import DataError
from thousand.gather import Counts, gather, packed
from thousand.gather.forms.chat import chat
from thousand.gather.forms.stackexchange import stackexchange
from thousand.gather.rows import LONGEST_ROW, Candidate
from thousand.recipe import Choice

SECONDS = 10  # of computing, for any one file
MEGABYTES = 900  # that the process may grow by, for any one file

ONE, TWO = {"prompt": "first?", "response": "one"}, {"prompt": "second?", "response": "two"}
BOTH = ("one", "two")
Rejections = tuple[tuple[str | None, str], ...]


class Case(NamedTuple):
    name: str
    file: str  # its name, which says the format
    data: bytes | Callable[[], bytes]  # made when it is needed where it is long
    kept: tuple[str, ...]  # the answers of the candidates
    rejected: Rejections


def line(row: object) -> bytes:
    return json.dumps(row).encode() + b"\n"


def among(bad: bytes) -> bytes:
    """A bad line between two good ones."""
    return line(ONE) + bad.rstrip(b"\n") + b"\n" + line(TWO)


def said(*turns: tuple[object, object]) -> dict[str, object]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def lines(name: str, bad: object, field: str | None, reason: str) -> Case:
    data = bad if isinstance(bad, bytes) else line(bad)
    return Case(name, "pool.jsonl", among(data), BOTH, ((field, reason),))


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def zeros(megabytes: int, byte: bytes = b"\0") -> bytes:
    """So much of one byte, packed with gzip."""
    packer, piece = zlib.compressobj(9, zlib.DEFLATED, 31), byte * (1 << 20)
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


JSON_LINES = [
    lines("broken JSON", b'{"prompt": "x" "y"}', None, "not JSON: Expecting ',' delimiter at character 16"),
    lines("a row cut off", b'{"prompt": "x", "resp', None, "not JSON: Invalid control character"),
    lines("two rows on a line", line(ONE)[:-1] + line(TWO), None, "not JSON: Extra data"),
    lines("Python instead of JSON", b"{'prompt': 'x', 'response': None}", None, "not JSON: Expecting property name"),
    lines("a web page", b"<!DOCTYPE html><title>404</title>", None, "not JSON: Expecting value"),
    lines("a comment", b"// generated", None, "not JSON: Expecting value"),
    lines("a line of zeros, as a crash leaves", b"\0" * 5000, None, "not JSON: Expecting value"),
    lines("latin-1", b'{"prompt": "caf\xe9", "response": "x"}', None, "not UTF-8: the byte 0xe9 at byte 16"),
    lines("a surrogate in UTF-8", b'{"prompt": "\xed\xa0\x80", "response": "x"}', None, "not UTF-8: the byte 0xed"),
    lines("an overlong slash", b'{"prompt": "\xc0\xaf", "response": "x"}', None, "not UTF-8: the byte 0xc0"),
    lines("a lone surrogate", rb'{"prompt": "a\ud800b", "response": "x"}', "prompt", "lone surrogate"),
    lines("a lone surrogate in a role", rb'{"messages": [{"role": "\udfff", "content": "x"}]}', "messages[0].role", "lone surrogate"),
    lines("a NUL", b'{"prompt": "a\0b", "response": "x"}', None, "not JSON: Invalid control character"),
    lines("a NUL escaped", rb'{"prompt": "a\u0000b", "response": "x"}', "prompt", "NUL"),
    lines("a byte order mark amid the file", b"\xef\xbb\xbf" + line(ONE), None, "not JSON"),
    lines("lists within lists", b"[" * 100_000, None, "lists within lists"),
    lines("objects within objects", b'{"a":' * 100_000, None, "lists within lists"),
    lines("a number without end", b'{"score": ' + b"9" * 5000 + b"}", None, "not JSON that can be read"),
    lines("one name, two values", b'{"prompt": "x", "prompt": "y", "response": "z"}', None, "the name 'prompt' stands twice"),
    lines("one name twice, deeper", b'{"messages": [{"role": "user", "role": "assistant", "content": "x"}]}', None, "'role' stands twice"),
    lines("a number for a row", b"17", None, "expected fields with names, found int"),
    lines("null for a row", b"null", None, "expected fields with names, found NoneType"),
    lines("a list for a row", b'["a", "b"]', None, "expected fields with names, found list"),
    lines("no fields", {}, None, "no known form: the fields are none"),
    lines("unknown fields", {"title": "x"}, None, "no known form: the fields are title"),
    lines("a thousand unknown fields", {f"field {n}": n for n in range(1000)}, None, "no known form"),
    lines("no answer", {"prompt": "x"}, "messages", "the last turn is not the assistant's"),
    lines("an answer of null", {"prompt": "x", "response": None}, "response", "expected text, found nothing"),
    lines("an answer of blanks", {"prompt": "x", "response": " \n\t\u00a0"}, "messages[1].content", "empty assistant turn"),
    lines("a prompt that is a list", {"prompt": ["x"], "response": "y"}, "prompt", "expected text, found list"),
    lines("an unknown role", said(("wizard", "x")), "messages[0].role", "unknown role 'wizard'"),
    lines("an absurdly long role", said(("w" * 5000, "x")), "messages[0].role", "unknown role 'www"),
    lines("a role that is a number", said((1, "x")), "messages[0].role", "expected text, found int"),
    lines("no role", {"messages": [{"content": "x"}]}, "messages[0].role", "expected text, found nothing"),
    lines("content in parts", said(("user", [{"type": "text"}])), "messages[0].content", "expected text, found list"),
    lines("no turns", {"messages": []}, "messages", "no turns"),
    lines("turns that are no list", {"messages": {"0": "x"}}, "messages", "expected a list of turns, found dict"),
    lines("turns that are text", {"messages": "user: x"}, "messages", "expected a list of turns, found str"),
    lines("a turn that is text", {"messages": ["x"]}, "messages[0]", "expected a role and a content, found str"),
    lines("the assistant first", said(("assistant", "x")), "messages", "the first turn is not the user's"),
    lines("only a system", said(("system", "x")), "messages", "the first turn is not the user's"),
    lines("two questions in a row", said(("user", "x"), ("user", "y"), ("assistant", "z")), "messages", "two user turns"),
    lines("two answers in a row", said(("user", "x"), ("assistant", "y"), ("assistant", "z")), "messages", "two assistant turns"),
    lines("no last word", said(("user", "x"), ("assistant", "y"), ("user", "z")), "messages", "the last turn is not"),
    lines("an empty turn amid", said(("user", "x"), ("assistant", ""), ("user", "y"), ("assistant", "z")), "messages[1].content", "empty"),
    lines("ShareGPT, an unknown speaker", {"conversations": [{"from": "alien", "value": "x"}]}, "conversations[0].from", "unknown role"),
    lines("ShareGPT, nothing said", {"conversations": [{"from": "human"}]}, "conversations[0].value", "expected text, found nothing"),
    lines("ShareGPT, a number", {"conversations": ["x", 7]}, "conversations[1]", "expected from and value, found int"),
    lines("LIMA, one turn", {"conversations": ["x"]}, "messages", "the last turn is not the assistant's"),
    lines("Alpaca, no output", {"instruction": "x", "input": "", "output": None}, "output", "expected text, found nothing"),
    lines("Alpaca, an input that is a number", {"instruction": "x", "input": 3, "output": "y"}, "input", "expected text, found int"),
    lines("Alpaca, nothing asked", {"instruction": "", "input": " ", "output": "y"}, "messages[0].content", "empty user turn"),
    lines("Alpaca, a history of three", {"instruction": "x", "output": "y", "history": [["a", "b", "c"]]}, "history[0]", "expected a pair"),
    lines(
        "Dolly, a context that is a list", {"instruction": "x", "context": ["c"], "response": "y"}, "context", "expected text, found list"
    ),
    lines("a score of NaN", b'{"prompt": "x", "response": "y", "score": NaN}', "score", "expected a number, found 'nan'"),
    lines("a score without end", b'{"prompt": "x", "response": "y", "score": -Infinity}', "score", "expected a number, found '-inf'"),
    lines("a score too large", b'{"prompt": "x", "response": "y", "score": 1e999}', "score", "expected a number, found 'inf'"),
    lines("a score of yes", ONE | {"score": True}, "score", "expected a number, found 'True'"),
    lines("tags that are numbers", ONE | {"tags": [1]}, "tags", "expected text, found int"),
    lines("an author who is an object", ONE | {"author": {"name": "x"}}, "author", "expected text, found dict"),
    lines("a link with a NUL", ONE | {"link": "http://x\0"}, "link", "NUL"),
    Case("UTF-16", "pool.jsonl", (line(ONE) + line(TWO)).decode().encode("utf-16"), (), ((None, "the file is UTF-16 or UTF-32"),)),
    Case("UTF-32", "pool.jsonl", line(ONE).decode().encode("utf-32"), (), ((None, "the file is UTF-16 or UTF-32"),)),
    Case("UTF-16 unmarked", "pool.jsonl", line(ONE).decode().encode("utf-16-le"), (), ((None, "not JSON"), (None, "not JSON"))),
    Case("old line ends", "pool.jsonl", line(ONE).replace(b"\n", b"\r") + line(TWO), (), ((None, "not JSON: Extra data"),)),
    Case("nothing", "pool.jsonl", b"", (), ((None, "the file has no rows"),)),
    Case("a million blank lines", "pool.jsonl", lambda: line(ONE) + b" \n" * 1_000_000 + line(TWO), BOTH, ()),
    Case("the last row cut off", "pool.jsonl", line(ONE) + line(TWO) + line(ONE)[:20], BOTH, ((None, "not JSON"),)),
    Case(
        "an absurdly long line",
        "pool.jsonl",
        lambda: among(line({"prompt": "x", "response": "y" * (LONGEST_ROW * 3)})),
        BOTH,
        ((None, "the line is longer than 10,000,000 bytes"),),
    ),
    Case(
        "a row of fifty thousand turns",
        "pool.jsonl",
        lambda: among(line(said(*[("user", "x"), ("assistant", "y")] * 25_000, ("user", "")))),
        BOTH,
        (("messages[50000].content", "empty user turn"),),
    ),
]

PACKED = [
    Case("text called gzip", "pool.jsonl.gz", line(ONE), (), ((None, "breaks off here, what follows is not read: Not a gzipped file"),)),
    Case("gzip cut off", "pool.jsonl.gz", gzip.compress(line(ONE) + line(TWO), mtime=0)[:-8], BOTH, ((None, "breaks off here"),)),
    Case(
        "gzip with a wrong sum",
        "pool.jsonl.gz",
        gzip.compress(line(ONE), mtime=0)[:-8] + b"\0" * 8,
        ("one",),
        ((None, "CRC check failed"),),
    ),
    Case("gzip with a tail", "pool.jsonl.gz", gzip.compress(line(ONE), mtime=0) + b"garbage", ("one",), ((None, "Not a gzipped file"),)),
    Case("gzip in gzip", "pool.jsonl.gz", gzip.compress(gzip.compress(line(ONE), mtime=0)), (), ((None, "not UTF-8: the byte 0x8b"),)),
    Case("an empty gzip", "pool.jsonl.gz", gzip.compress(b"", mtime=0), (), ((None, "the file has no rows"),)),
    Case("no bytes called gzip", "pool.jsonl.gz", b"", (), ((None, "the file has no rows"),)),
    Case(
        "a bomb of zeros",
        "pool.jsonl.gz",
        lambda: gzip.compress(line(ONE), mtime=0) + zeros(80),
        ("one",),
        ((None, "unpack to more than"),),
    ),
    Case("a bomb of blanks", "pool.json.gz", lambda: gzip.compress(b"[", mtime=0) + zeros(80, b" "), (), ((None, "unpack to more than"),)),
    Case(
        "a bomb of line ends",
        "pool.csv.gz",
        lambda: gzip.compress(b"prompt,response\nx,one\n", mtime=0) + zeros(80, b"\r"),
        ("one",),
        ((None, "unpack to more than"),),
    ),
    Case("text called Zstandard", "pool.jsonl.zst", line(ONE), (), ((None, "breaks off here"),)),
    Case("Zstandard cut off", "pool.jsonl.zst", zstd(line(ONE) + line(TWO))[:-3], (), ((None, "breaks off here"),)),
    Case("Zstandard with a tail", "pool.jsonl.zst", zstd(line(ONE)) + b"garbage", ("one",), ((None, "breaks off here"),)),
    Case("a Zstandard bomb", "pool.json.zst", lambda: zstd(b"[" + b" " * (80 << 20)), (), ((None, "unpack to more than"),)),
]

LIST = json.dumps([ONE, TWO]).encode()
JSON = [
    Case("a list cut off", "pool.json", LIST[:-20], ("one",), ((None, "not JSON, what follows is not read: Expecting property name"),)),
    Case("no comma", "pool.json", LIST.replace(b"}, {", b"} {"), ("one",), ((None, "expected a comma or the end of the list"),)),
    Case("text behind the list", "pool.json", LIST + b" x", BOTH, ((None, "text after the end of the list"),)),
    Case("a comma too many", "pool.json", LIST[:-1] + b",]", BOTH, ((None, "not JSON, what follows is not read"),)),
    Case("an empty list", "pool.json", b"[]", (), ((None, "the file has no rows"),)),
    Case("a list never begun", "pool.json", b"[", (), ((None, "expected a comma or the end"),)),
    Case("an object around the list", "pool.json", json.dumps({"data": [ONE]}, indent=1).encode(), (), ((None, "neither a list of rows"),)),
    Case("lists within a list", "pool.json", LIST[:-1] + b"," + b"[" * 100_000, BOTH, ((None, "lists within lists"),)),
    Case("rows in a list in the list", "pool.json", b"[" + LIST + b"]", (), ((None, "expected fields with names, found list"),)),
    Case("a byte of latin-1", "pool.json", LIST.replace(b"first", b"f\xefrst"), ("two",), ((None, "not UTF-8: the byte 0xef"),)),
    Case("a name twice", "pool.json", LIST.replace(b'"response"', b'"prompt"', 1), ("two",), ((None, "the name 'prompt' stands twice"),)),
    Case("UTF-16 JSON", "pool.json", LIST.decode().encode("utf-16"), (), ((None, "the file is UTF-16 or UTF-32"),)),
    Case(
        "an absurdly long row of a list",
        "pool.json",
        lambda: json.dumps([ONE, {"prompt": "x", "response": "y" * (LONGEST_ROW + 10)}, TWO]).encode(),
        BOTH,
        ((None, "characters long, more than 10,000,000"),),
    ),
    Case("an open string", "pool.json", lambda: LIST[:-1] + b',"' + b"x" * 30_000_000, BOTH, ((None, "Unterminated string"),)),
]

COMMA = b"prompt,response\nfirst?,one\n%s\nsecond?,two\n"
CSV = [
    Case("a cell too many", "pool.csv", COMMA % b"a,b,c", BOTH, ((None, "3 cells, the header has 2"),)),
    Case("a cell too few", "pool.csv", COMMA % b"a", BOTH, ((None, "1 cells, the header has 2"),)),
    Case("an open quote", "pool.csv", COMMA % b'"a,b', BOTH, ((None, "not a row"),)),
    Case("text behind a quote", "pool.csv", COMMA % b'"a"b,c', BOTH, ((None, "not a row: ',' expected after '\"'"),)),
    Case("a NUL in a cell", "pool.csv", COMMA % b"a\0,b", BOTH, (("prompt", "NUL"),)),
    Case("latin-1 in a cell", "pool.csv", COMMA % b"caf\xe9,b", BOTH, ((None, "not UTF-8: the byte 0xe9"),)),
    Case("an empty cell", "pool.csv", COMMA % b"a,", BOTH, (("messages[1].content", "empty assistant turn"),)),
    Case("a header alone", "pool.csv", b"prompt,response\n", (), ((None, "the file has no rows"),)),
    Case("a header of latin-1", "pool.csv", b"pr\xf6mpt,response\na,b\n", (), ((None, "the header cannot be read"),)),
    Case("one column twice", "pool.csv", b"prompt,prompt,response\na,b,c\n", (), ((None, "the column 'prompt' stands twice"),)),
    Case("no header", "pool.csv", b"first?,one\nsecond?,two\n", (), ((None, "no known form: the fields are first?, one"),)),
    Case("tabs for commas", "pool.csv", b"prompt\tresponse\na\tb\n", (), ((None, "no known form"),)),
    Case("commas for tabs", "pool.tsv", b"prompt,response\na,b\n", (), ((None, "no known form"),)),
    Case("UTF-16 CSV", "pool.csv", b"\xff\xfe" + "prompt,response\na,b\n".encode("utf-16-le"), (), ((None, "the file is UTF-16"),)),
    Case("turns that are no JSON", "pool.csv", b'messages\n"[{broken"\n', (), (("messages", "expected a list of turns, found str"),)),
    Case("turns nested without end", "pool.csv", b"messages\n" + b"[" * 50_000 + b"\n", (), (("messages", "found str"),)),
    Case("a score that is a word", "pool.csv", b"prompt,response,score\na,b,high\n", (), (("score", "expected a number, found 'high'"),)),
    Case("a million cells", "pool.csv", lambda: COMMA % (b"," * 1_000_000), BOTH, ((None, "1000001 cells, the header has 2"),)),
    Case(
        "an absurdly long cell", "pool.csv", lambda: COMMA % (b"x" * (LONGEST_ROW + 5) + b",y"), BOTH, ((None, "not a row: field larger"),)
    ),
]


def flood() -> bytes:
    """Every line opens a quote that the next one closes and opens again: one row without end, from wherever it is read."""
    return b"prompt,response\nfirst?,one\n" + b'x","' * 20 + b"y\n" + b'x","y\n' * 100_000


def parquet(rows: list[dict[str, object]] | pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows), sink, **options)
    return sink.getvalue()


def other_bytes() -> pa.Table:
    answers = pa.Array.from_buffers(pa.string(), 3, pa.array([b"one", b"\xff\xfe", b"two"], pa.binary()).buffers())
    return pa.table({"prompt": ["a", "b", "c"], "response": answers})


def absurd_list() -> bytes:
    """One row with a list of so many nulls, which takes no room in the file."""
    length = (1 << 24) + 1
    nulls = pa.ListArray.from_arrays(pa.array([0, length], pa.int32()), pa.nulls(length, pa.int8()))
    return parquet(pa.table({"prompt": ["x"], "response": ["y"], "tags": nulls}))


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def wrong_offsets() -> pa.Table:
    """The second answer ends far behind the last byte there is."""
    offsets = pa.array([0, 3, 1 << 30, 6], pa.int32()).buffers()[1]
    answers = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"onetwo")])
    return pa.table({"prompt": ["a", "b", "c"], "response": answers})


COLUMNS = pa.table({"prompt": ["a", "b"], "response": ["one", "two"]})
BINARY = [
    Case("text called Parquet", "pool.parquet", line(ONE) * 10, (), ((None, "breaks off here"),)),
    Case("no bytes called Parquet", "pool.parquet", b"", (), ((None, "breaks off here"),)),
    Case("Parquet cut off", "pool.parquet", parquet(COLUMNS)[:-10], (), ((None, "breaks off here"),)),
    Case("a Parquet footer that lies", "pool.parquet", parquet(COLUMNS)[:-8] + b"\xff\xff\xff\x7fPAR1", (), ((None, "breaks off here"),)),
    Case("Parquet without rows", "pool.parquet", parquet(COLUMNS.slice(0, 0)), (), ((None, "the file has no rows"),)),
    Case("Parquet without columns", "pool.parquet", parquet(pa.table({})), (), ((None, "the file has no rows"),)),
    Case("Parquet, prompts that are numbers", "pool.parquet", parquet([{"prompt": 1, "response": "y"}]), (), (("prompt", "found int"),)),
    Case("Parquet, bytes for text", "pool.parquet", parquet([{"prompt": b"x", "response": "y"}]), (), (("prompt", "found bytes"),)),
    Case(
        "Parquet, dates for text",
        "pool.parquet",
        parquet(pa.table({"prompt": pa.array([1], pa.date32()), "response": ["y"]})),
        (),
        (("prompt", "found date"),),
    ),
    Case("Parquet, text that is not UTF-8", "pool.parquet", parquet(other_bytes()), BOTH, ((None, "not UTF-8"),)),
    Case(
        "Parquet, one column twice",
        "pool.parquet",
        parquet(pa.table([["a"], ["b"]], ["prompt", "prompt"])),
        (),
        ((None, "'prompt' stands twice"),),
    ),
    Case("Parquet, an unknown role", "pool.parquet", parquet([said(("wizard", "x"))]), (), (("messages[0].role", "unknown role"),)),
    Case(
        "Parquet, turns of null",
        "pool.parquet",
        parquet([{"messages": None}, said(("user", "x"))]),
        (),
        (("messages", "found nothing"), ("messages", "last turn")),
    ),
    Case("Parquet, a list without end", "pool.parquet", absurd_list, (), ((None, "unpacks to absurdly much"),)),
    Case("text called Arrow", "pool.arrow", line(ONE) * 10, (), ((None, "breaks off here"),)),
    Case("no bytes called Arrow", "pool.arrow", b"", (), ((None, "breaks off here"),)),
    Case("Arrow cut off", "pool.arrow", arrow(COLUMNS)[:-100], (), ((None, "breaks off here"),)),
    Case("Arrow, offsets that lie", "pool.arrow", arrow(wrong_offsets()), ("one",), ((None, "cannot be read"), (None, "cannot be read"))),
    Case("Arrow, text that is not UTF-8", "pool.arrow", arrow(other_bytes()), BOTH, ((None, "Invalid UTF8 sequence"),)),
]


def tree(*replies: object, **first: object) -> dict[str, object]:
    return {"prompt": {"message_id": "q", "role": "prompter", "text": "first?", "replies": list(replies)} | first}


def reply(text: str, *replies: object, **more: object) -> dict[str, object]:
    return {"message_id": text, "role": "assistant", "text": text, "replies": list(replies)} | more


def message(identity: str, parent: str | None, role: str = "assistant", **more: object) -> bytes:
    return line({"message_id": identity, "parent_id": parent, "role": role, "text": identity} | more)


def trees(name: str, bad: dict[str, object], *rejected: tuple[str | None, str]) -> Case:
    return Case(name, "pool.trees.jsonl", line(tree(reply("one"))) + line(bad) + line(tree(reply("two"))), BOTH, rejected)


FLAT = message("q", None, "prompter") + message("one", "q")
TREES = [
    trees("a reply that is a number", tree(7), ("replies", "expected a message, found int")),
    trees("replies that are text", tree() | {"prompt": tree()["prompt"] | {"replies": "x"}}, ("replies", "expected a message, found str")),
    trees("a tree that begins with an answer", tree(role="assistant"), ("messages", "the first turn is not the user's")),
    trees("an answer to an answer", tree(reply("a", reply("b"))), ("messages", "never"))._replace(
        kept=("one", "a", "two"), rejected=(("messages", "two assistant turns in a row"),)
    ),
    trees("everything deleted", tree(reply("a"), deleted=True), ("deleted", "is deleted"), ("parent_id", "is left out")),
    trees("a rank that is text", tree(reply("a", rank="best")), ("rank", "expected a rank from 0, found 'best'")),
    trees("an answer with a NUL", tree(reply("a\0")), ("text", "NUL")),
    Case("a tree without end", "pool.jsonl", among(b'{"prompt": ' + b'{"replies": [' * 50_000), BOTH, ((None, "lists within lists"),)),
    Case(
        "a circle",
        "pool.jsonl",
        FLAT + message("a", "b") + message("b", "a", "prompter"),
        ("one",),
        (("parent_id", "no first message leads"),) * 2,
    ),
    Case("its own parent", "pool.jsonl", FLAT + message("a", "a"), ("one",), (("parent_id", "no first message leads"),)),
    Case("an orphan", "pool.jsonl", FLAT + message("a", "gone"), ("one",), (("parent_id", "is not in the file"),)),
    Case("an id twice", "pool.jsonl", FLAT + message("one", "q"), ("one",), (("message_id", "stands earlier in the file"),)),
    Case(
        "an id that is a number",
        "pool.jsonl",
        FLAT + line({"message_id": 5, "role": "x", "text": "y"}),
        ("one",),
        (("message_id", "found int"),),
    ),
]


def dump(*rows: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    good = '<row Id="1" PostTypeId="1" Title="How?" Body="&lt;p&gt;How?&lt;/p&gt;" /><row Id="2" PostTypeId="2" ParentId="1" Body="one" />'
    return f'{head}<posts>{good}{"".join(rows)}<row Id="3" PostTypeId="2" ParentId="1" Body="two" /></posts>'.encode()


def post(name: str, row: str, field: str, reason: str) -> Case:
    return Case(name, "tea.Posts.xml", dump(row), BOTH, ((field, reason),))


def broken(name: str, row: str | bytes, reason: str) -> Case:
    """What stands before the break is kept."""
    data = dump("@@").replace(b"@@", row if isinstance(row, bytes) else row.encode())
    return Case(name, "tea.Posts.xml", data, ("one",), ((None, f"the file cannot be read further, what follows is lost: {reason}"),))


def refused(name: str, data: bytes, reason: str) -> Case:
    return Case(name, "tea.Posts.xml", data, (), ((None, reason),))


def laughs(levels: int) -> bytes:
    """Entities of ten entities of ten entities."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(levels))
    return dump(f'<row Id="4" PostTypeId="2" ParentId="1" Body="&a{levels - 1};" />', head=f"<!DOCTYPE posts [{entities}]>")


SECRET = '<!DOCTYPE posts [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ABROAD = '<!DOCTYPE posts SYSTEM "http://localhost:9/posts.dtd">'
PARAMETER = '<!DOCTYPE posts [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>'
BLOWUP = f'<!DOCTYPE posts [<!ENTITY x "{"x" * 50_000}">]>'
XML = [
    post("no kind", '<row Id="4" ParentId="1" Body="x" />', "PostTypeId", "does not say whether it is a question"),
    post("no id", '<row PostTypeId="2" ParentId="1" Body="x" />', "Id", "expected the number of a post"),
    post("an id that is a word", '<row Id="four" PostTypeId="2" ParentId="1" Body="x" />', "Id", "found 'four'"),
    post("an id of other digits", '<row Id="&#x664;" PostTypeId="2" ParentId="1" Body="x" />', "Id", "expected the number"),
    post("an id without end", f'<row Id="{"4" * 5000}" PostTypeId="2" ParentId="1" Body="x" />', "Id", "expected the number"),
    post("an id twice", '<row Id="2" PostTypeId="2" ParentId="1" Body="x" />', "Id", "stands earlier in the file"),
    post("no question", '<row Id="4" PostTypeId="2" Body="x" />', "ParentId", "expected the number of a post"),
    post("a score that is a word", '<row Id="4" PostTypeId="2" ParentId="1" Score="many" Body="x" />', "Score", "number of votes"),
    post("no body", '<row Id="4" PostTypeId="2" ParentId="1" />', "Body", "nothing is left of the answer"),
    post("only an image", '<row Id="4" PostTypeId="2" ParentId="1" Body="&lt;img&gt;" />', "Body", "nothing is left of the answer"),
    post("HTML without end", f'<row Id="4" PostTypeId="2" ParentId="1" Body="{"&lt;b&gt;" * 50_000}" />', "Body", "nested deeper"),
    post("a question of nothing", '<row Id="4" PostTypeId="1" />', "Title", "neither title nor body"),
    Case(
        "an orphan",
        "tea.Posts.xml",
        dump('<row Id="4" PostTypeId="2" ParentId="9" Body="x" />'),
        BOTH,
        (("ParentId", "question 9 is not in the file"),),
    ),
    Case("another table", "tea.Posts.xml", b'<users><row Id="1" Reputation="1" /></users>', (), (("PostTypeId", "does not say"),)),
    Case("rows in rows", "tea.Posts.xml", dump("<row>" * 200 + "</row>" * 200), BOTH, (("Id", "expected the number"),) * 200),
    broken("XML cut off", b"", "not XML")._replace(data=dump()[:-30]),
    broken("an open tag", "<row Id=", "not XML"),
    broken("an attribute twice", '<row Id="4" Id="5" />', "not XML: Attribute Id redefined"),
    broken("an unknown entity", '<row Id="4" Body="&who;" />', "not XML"),
    broken("a control character", '<row Id="4" Body="&#1;" />', "not XML: xmlParseCharRef"),
    broken("a NUL in XML", b'<row Id="4" Body="\0" />', "not XML"),
    broken("latin-1 in XML", b'<row Id="4" Body="\xe9" />', "not XML"),
    broken("tags without end", "<a>" * 100_000, "not XML: Excessive depth"),
    broken(
        "an attribute without end",
        f'<row Id="4" Body="{"x" * (2 * LONGEST_ROW + 100_000)}" />',
        "a tag or a text is longer than 20,000,000 bytes",
    ),
    broken("text without end", "x" * 10_500_000, "not XML"),
    refused("an entity that is a file", dump('<row Id="4" Body="&x;" />', head=SECRET), "declares a document type"),
    refused("a document type elsewhere", dump(head=ABROAD), "declares a document type"),
    refused("a parameter entity", dump(head=PARAMETER), "declares a document type"),
    refused("entities of entities", laughs(3), "declares a document type"),
    refused("a billion laughs", laughs(12), "what follows is lost"),
    refused("one long entity, often", dump(f'<row Id="4" Body="{"&x;" * 5000}" />', head=BLOWUP), "what follows is lost"),
    refused("an unknown encoding", dump(head='<?xml version="1.0" encoding="klingon"?>'), "not XML: Unsupported encoding"),
    refused("UTF-16 XML", dump(head='<?xml version="1.0" encoding="utf-16"?>').decode().encode("utf-16"), "it is UTF-16 or UTF-32"),
    refused("no XML", b"Id,PostTypeId\n1,1\n", "not XML: Start tag expected"),
    refused("no bytes called XML", b"", "not XML"),
    refused("no rows in XML", b"<posts/>", "the file has no answers"),
]


def seven(members: dict[str, bytes], **options: object) -> bytes:
    sink = io.BytesIO()
    with py7zr.SevenZipFile(sink, "w", **options) as archive:
        for name, data in members.items():
            archive.writef(io.BytesIO(data), name)
    return sink.getvalue()


def linked() -> bytes:
    """An archive whose posts are a link out of it."""
    sink = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, py7zr.SevenZipFile(sink, "w") as archive:
        (Path(folder) / "Posts.xml").symlink_to("/etc/passwd")
        archive.write(Path(folder) / "Posts.xml", "Posts.xml")
    return sink.getvalue()


def renamed(name: str) -> bytes:
    """An archive whose posts have a name that `py7zr` would not write."""
    sink = io.BytesIO()
    with py7zr.SevenZipFile(sink, "w") as archive:
        archive.writef(io.BytesIO(dump()), "Posts.xml")
        archive.files.files_list[0]["filename"] = name
        archive.header.files_info.files[0]["filename"] = name
    return sink.getvalue()


def flipped() -> bytes:
    """One byte of what is packed is another."""
    data = bytearray(seven({"Posts.xml": dump()}, filters=[{"id": py7zr.FILTER_COPY}]))
    data[data.index(b"two")] ^= 1
    return bytes(data)


QUICKLY = [{"id": py7zr.FILTER_LZMA2, "preset": 0}]


def archived(name: str, data: bytes | Callable[[], bytes], reason: str, kept: tuple[str, ...] = ()) -> Case:
    return Case(name, "tea.7z", data, kept, ((None, reason),))


ARCHIVES = [
    archived("text called 7z", b"this is text", "the archive is broken: Bad7zFile: not a 7z file"),
    archived("no bytes called 7z", b"", "the archive is broken"),
    archived("7z cut off", seven({"Posts.xml": dump()})[:-20], "the archive is broken"),
    archived("7z, a byte flipped", flipped, "the archive is broken: CrcError", ("one", "uwo")),
    archived("7z with a password", lambda: seven({"Posts.xml": dump()}, password="x"), "the archive is encrypted"),
    archived("7z with names encrypted", lambda: seven({"Posts.xml": dump()}, password="x", header_encryption=True), "is encrypted"),
    archived("7z of something else", seven({"Users.xml": b"<users/>"}), "has no Posts.xml, where one is looked for; it has Users.xml"),
    archived("7z of nothing", seven({}), "the archive"),
    archived("7z of two sites", seven({"a/Posts.xml": dump(), "b/Posts.xml": dump()}), "has 2 Posts.xml"),
    archived("7z that leads out", lambda: renamed("../../Posts.xml"), "has no Posts.xml, where one is looked for; it has no file"),
    archived("7z that begins at the root", lambda: renamed("/etc/Posts.xml"), "has no Posts.xml"),
    archived("7z of a link", linked, "has no Posts.xml"),
    archived(
        "7z packed in a strange way",
        seven({"Posts.xml": dump()}, filters=[{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 16}]),
        "packed with PPMd",
    ),
    archived("a 7z bomb", lambda: seven({"Posts.xml": b" " * (80 << 20)}, filters=QUICKLY), "unpacks to 83,886,080 bytes, as no dump does"),
    archived(
        "a 7z bomb before the posts",
        lambda: seven({"Badges.xml": b" " * (80 << 20), "Posts.xml": dump()}, filters=QUICKLY),
        "unpacks to more than 67,108,864",
    ),
    archived("7z of broken XML", seven({"Posts.xml": dump()[:-30]}), "not XML", ("one",)),
    archived("7z of a document type", seven({"Posts.xml": dump(head=SECRET)}), "declares a document type"),
    archived("7z of an empty file", seven({"Posts.xml": b""}), "not XML"),
]

FLOOD = Case("quotes without end", "pool.csv", flood, ("one",), ())
CASES = [*JSON_LINES, *PACKED, *JSON, *CSV, *BINARY, *TREES, *XML, *ARCHIVES]


def write(case: Case, folder: Path) -> Path:
    path = folder / case.file
    path.write_bytes(case.data if isinstance(case.data, bytes) else case.data())
    return path


def read(case: Case, path: Path) -> list:
    form = stackexchange if case.file.endswith((".xml", ".7z")) else chat
    return list(form(path=str(path)))


def kept(rows: list) -> tuple[str, ...]:
    return tuple(row.messages[-1]["content"] for row in rows if isinstance(row, Candidate))


@pytest.fixture
def bounded():
    """The case takes little time and memory, but for what making its file took."""

    class Bounded:
        def __enter__(self):
            self.grown = peak(reset=True)
            self.began = time.process_time()

        def __exit__(self, *broken):
            assert broken[0] or time.process_time() - self.began < SECONDS
            assert broken[0] or peak() - self.grown < MEGABYTES

    return Bounded()


def peak(*, reset: bool = False) -> float:
    """Megabytes that this process has held at most; Linux counts anew when asked to."""
    if not sys.platform.startswith("linux"):
        return 0
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


@pytest.fixture(autouse=True)
def smaller_bombs(monkeypatch):
    """What is allowed however small a file is, a quarter of it: bombs take a while to make."""
    monkeypatch.setattr(packed, "_ALWAYS", 1 << 26)


def test_there_are_enough_and_no_two_are_the_same():
    assert len(CASES) >= 60
    assert len({(case.name, case.file) for case in CASES}) == len(CASES)
    contents = [(case.file, case.data) for case in CASES if isinstance(case.data, bytes)]
    assert len(set(contents)) == len(contents)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_a_bad_file_gives_its_rejections_and_the_good_rows_around_them(tmp_path, case, bounded):
    path = write(case, tmp_path)
    with bounded:
        rows = read(case, path)
    rejected = [row for row in rows if not isinstance(row, Candidate)]
    assert kept(rows) == case.kept
    assert [row.field for row in rejected] == [field for field, _ in case.rejected], rejected[:3]
    for row, (_, reason) in zip(rejected, case.rejected, strict=True):
        assert reason in row.reason
        assert row.origin.startswith(case.file)
        assert str(tmp_path) not in row.reason
        for text in row:
            assert text is None or "\0" not in text.encode().decode()


def test_lines_that_quote_each_other_do_not_make_reading_quadratic(tmp_path, bounded):
    with bounded:
        rows = read(FLOOD, write(FLOOD, tmp_path))
    assert kept(rows)[0] == "one"
    assert re.search(r"[\d,]+ lines behind it are lost with it", rows[-1].reason)


def test_all_of_them_in_one_pool_balance(tmp_path):
    """What they give can be written, and the books of the whole pool are right."""
    pool, read_, kept_ = [], 0, 0
    for number, case in enumerate(case for case in CASES if isinstance(case.data, bytes)):
        folder = tmp_path / f"{number:03}"
        folder.mkdir()
        form = "stackexchange" if case.file.endswith((".xml", ".7z")) else "chat"
        pool.append(Choice.model_validate({form: str(write(case, folder))}))
        kept_ += len(case.kept)
        read_ += len(case.kept) + len(case.rejected)
    gathered = gather(pool, tmp_path / "out", tmp_path / "rejected")
    assert (gathered.read, gathered.kept, gathered.rejected) == (read_, kept_, read_ - kept_)
    assert gathered.by_source["chat:pool.jsonl"] == Counts(3, 2, 1)
    assert tables.count(tmp_path / "rejected") == read_ - kept_
    assert len(set(tables.read(tmp_path / "out")["id"].to_pylist())) == kept_


def fifo(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path)


def nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "gone.jsonl")


def text(path: Path) -> None:
    path.write_bytes(line(ONE))


@pytest.mark.parametrize(
    ("form", "name", "make", "message"),
    [
        (chat, "gone.jsonl", lambda path: None, "There is no file at"),
        (chat, "*.jsonl", lambda path: None, "No file matches"),
        (chat, "folder.jsonl", Path.mkdir, "is a folder without files"),
        (stackexchange, "folder.xml", Path.mkdir, "is a folder"),
        (chat, "pipe.jsonl", fifo, "a pipe, a device or a broken link"),
        (chat, "loop.jsonl", loop, "There is no file at"),
        (chat, "link.jsonl", nowhere, "There is no file at"),
        (chat, "pool.zip", text, "is an archive"),
        (chat, "pool.tar.gz", text, "not a kind of file this source reads"),
        (chat, "pool.7z", text, "is an archive"),
        (chat, "pool.pkl", text, "not a kind of file this source reads"),
        (chat, "pool", text, "not a kind of file this source reads"),
        (chat, "pool.gz", text, "not a kind of file this source reads"),
        (chat, "Posts.xml", text, "not a kind of file this source reads"),
        (stackexchange, "pool.jsonl", text, "not a kind of file this source reads"),
        (chat, "pool.parquet", lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"), "Git LFS has not fetched"),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error_before_anything_is(tmp_path, form, name, make, message):
    make(tmp_path / name)
    with pytest.raises(DataError, match=message) as error:
        form(path=str(tmp_path / name))
    assert error.value.remedy


def test_a_device_is_not_read(tmp_path):
    (tmp_path / "zero.jsonl").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="a pipe, a device or a broken link"):
        chat(path=str(tmp_path / "zero.jsonl"))


def test_a_file_that_its_reader_may_not_read_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "pool.jsonl").write_bytes(line(ONE))
    (tmp_path / "pool.jsonl").chmod(0)
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    child = os.fork()  # root may read everything: become nobody
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            chat(path="pool.jsonl")
        except DataError as error:
            os._exit(0 if "may not be read" in str(error) else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_name_that_is_not_utf8_can_be_written(tmp_path):
    path = os.fsencode(tmp_path) + b"/p\xf6ol.jsonl"
    Path(os.fsdecode(path)).write_bytes(line(ONE) + b"x\n")
    first, second = chat(path=os.fsdecode(path))
    assert (first.origin, second.origin) == ("p\\xf6ol.jsonl:1", "p\\xf6ol.jsonl:2")
