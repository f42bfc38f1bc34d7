"""How answers stop: ended, cut at the limit, or going round in circles."""

from __future__ import annotations

import pyarrow as pa
import pytest

from thousand import tables
from thousand.answer import stops
from thousand.answer.stops import repeats


def answers(*rows: tuple[str, str]) -> pa.Table:
    texts, how = [row[0] for row in rows], [row[1] for row in rows]
    columns = {name: pa.nulls(len(rows), tables.ANSWERS.field(name).type) for name in tables.ANSWERS.names}
    return pa.table(columns | {"answer": texts, "stop": how})


def test_shares_are_of_all_answers():
    table = answers(("Well done.", "end_of_turn"), ("and so on " * 5, "limit"), ("", "error"), ("Good.", "end_of_turn"))
    found = stops(table)
    assert (found.ended, found.limit, found.repeats) == (0.5, 0.25, 0.25)
    assert stops(table.slice(0, 0)) is None


@pytest.mark.parametrize(
    "text", ["la " * 8, "one two three " * 3, "It is so. " + "a b c d e " * 3, "one two three four " * 2 + "one two three four"]
)
def test_the_same_words_three_times_in_a_row_at_the_end_are_a_circle(text):
    assert repeats(text)


@pytest.mark.parametrize(
    "text", ["", "no, no, no", "one two three " * 2, "one two three " * 3 + "and an end.", "la " * 7, "a b c a b d a b e"]
)
def test_a_little_emphasis_is_none(text):
    assert not repeats(text)
