"""Texts made readable: what is broken is mended, what is not stays, and a second time changes nothing."""

import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.hand_made import conversation
from thousand import tables
from thousand.curate import private
from thousand.curate.clean import SCHEMA, Cleaner, clean
from thousand.gather import gather
from thousand.recipe import Choice, Clean

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
CODE = "```\nx = 'e\u0301'  \n\n\n\n\ty\u200b\n```"


def cleaned(text, **settings):
    [message], changes = clean([{"role": "user", "content": text}], Clean(**settings))
    return message["content"], changes


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("It\u00e2\u20ac\u2122s so", "It\u2019s so", ["encoding"]),
        ("caf\u00c3\u00a9", "caf\u00e9", ["encoding"]),
        ("a \x93quote\x94", "a \u201cquote\u201d", ["encoding"]),
        ("cafe\u0301", "caf\u00e9", ["unicode"]),
        ("zero\u200bwidth\ufeff", "zerowidth", ["unicode"]),
        ("soft\u00adhyphen and bell\x07", "softhyphen and bell", ["unicode"]),
        ("\x1b[31mred\x1b[0m", "red", ["unicode"]),
        ("turned\u202e round", "turned round", ["unicode"]),
        ("hidden\U000e0041\U000e0042", "hidden", ["unicode"]),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour", ["space"]),
        ("one  \ntwo\t\n", "one\ntwo", ["space"]),
        ("one\n\n\n\ntwo", "one\n\ntwo", ["space"]),
        ("one\x0ctwo", "one\ntwo", ["space"]),
        ("  \u00a0one\n", "one", ["space"]),
        ("It is so.<|endoftext|>", "It is so.", ["marker"]),
        ("It is so. </s></s>\n", "It is so.", ["marker", "space"]),
        (f"caf\u00c3\u00a9  \r\n{CODE}\n\n\n\n\nend\u200b", f"caf\u00e9\n{CODE}\n\nend", ["encoding", "space", "unicode"]),
        ("```\nprint('It\u00e2\u20ac\u2122s')\r\n```", "```\nprint('It\u2019s')\n```", ["encoding", "space"]),
    ],
)
def test_what_is_broken_is_mended_and_named(before, after, changes):
    assert cleaned(before) == (after, changes)


@pytest.mark.parametrize(
    "text",
    [
        "Plain text.\n\n\nTwo empty lines, and a\ttab.",
        "\u201cCurly\u201d quotes \u2018stay\u2019 \u2014 and dashes\u2026",
        "\uff37\uff29\uff24\uff25 letters and the ligature \ufb01",
        "In HTML, &amp; is written &amp;amp; and a caf\u00e9 is a caf&eacute;.",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 and \U0001f468\u200d\U0001f469\u200d\U0001f467 keep their joiners",
        "The flag \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f is written with tags",
        "10\u00b3 \u2260 103, \u00bd, \u00c5ngstr\u00f6m, na\u00efve, \u00a320",
        "The token </s> ends a text, <|im_end|> a turn.",
        "<s>struck out</s>",
        "</s>",
        CODE,
        f"Before {CODE} after",
    ],
)
def test_what_is_not_broken_stays(text):
    assert cleaned(text) == (text, [])


def test_private_matter_gets_placeholders_only_when_asked():
    text = "Write to ann@river.town or call +44 20 7946 0018."
    assert cleaned(text) == (text, [])
    assert cleaned(text, mask=["email"]) == ("Write to <email> or call +44 20 7946 0018.", ["masked:email"])
    assert cleaned(text, mask=["phone", "email"]) == ("Write to <email> or call <phone>.", ["masked:email", "masked:phone"])
    assert cleaned(" ann@river.town ", normalise=False, mask=["email"]) == (" <email> ", ["masked:email"])


PIECES = [
    *("```", "`", "\u200b", "\u0301", "e", "\r", "\n", "\n\n", " ", "\t", "\x0c", "\x00", "\x1b[31m", "\u00e2\u20ac\u2122", "\u00c3\u00a9"),
    *(
        "\u00c3",
        "\xa9",
        "\x85",
        "\x81",
        "\u2028",
        "\ufeff",
        "\u0958",
        "\U0001f3f4",
        "\U000e0067",
        "\U000e007f",
        "\u2019",
        "\u1100",
        "\u1161",
    ),
    *("a@b.co", "+44 20 7946 0018", "93.184.216.34", "4111 1111 1111 1111", "212-736-5000", "1", "-"),
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=10).map("".join), st.sampled_from([[], list(private.KINDS)]))
def test_cleaning_again_changes_nothing_and_every_change_is_named(text, mask):
    once, changes = cleaned(text, mask=mask)
    assert (once != text) == bool(changes)
    assert cleaned(once, mask=mask) == (once, [])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), min_size=2, max_size=8), st.sampled_from([[], ["email", "phone"]])
)
def test_a_table_is_cleaned_as_its_rows_are(said, mask):
    conversations = [conversation(*said[i : i + 2]) for i in range(0, len(said), 2)]
    part = pa.table({"messages": pa.array(conversations, tables.MESSAGES)})
    done = Cleaner(Clean(mask=mask))(part)
    expected = [clean(messages, Clean(mask=mask)) for messages in conversations]
    assert done["messages"].to_pylist() == [messages for messages, _ in expected]
    assert done["changes"].to_pylist() == [changes for _, changes in expected]
    assert done["original"].to_pylist() == [old if changes else None for old, (_, changes) in zip(conversations, expected, strict=True)]


def test_a_part_of_a_table_that_was_cut_keeps_its_rows_together():
    whole = pa.table({"messages": pa.array([conversation("a ", "b"), conversation("c", "d"), conversation("e", "f\r")], tables.MESSAGES)})
    done = Cleaner(Clean())(whole.slice(1))
    assert [row["messages"][1]["content"] for row in done.to_pylist()] == ["d", "f"]
    assert done["changes"].to_pylist() == [[], ["space"]]
    assert Cleaner(Clean())(whole.slice(0, 0)).num_rows == 0
    assert done.schema.field("original").type == SCHEMA.field("original").type


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no real data at {SHARED}: shared/data belongs beside the repository")
def test_a_real_pool_is_cleaned_fast(tmp_path):
    gather([Choice(name="chat", options={"path": str(SHARED / "pools" / "dolly_3k.jsonl.gz")})], tmp_path / "out", tmp_path / "rejected")
    part = tables.read(tmp_path / "out")
    started = time.process_time()
    done = Cleaner(Clean())(part)
    assert part.num_rows / (time.process_time() - started) > 1500  # ten times that on a quiet machine
    assert Cleaner(Clean())(done.select(part.column_names))["changes"].to_pylist() == [[]] * part.num_rows
