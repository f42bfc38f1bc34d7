"""Pairs at random: exactly so many, by what they say and the draw alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from thousand import tables
from thousand.errors import DataError
from thousand.select import draw_pairs


def pairs(names):
    return pa.Table.from_pylist([{"pair_id": each} for each in names], tables.PAIRS)


NAMES = [f"{i:016x}" for i in range(40)]


def drawn(names, budget, draw):
    return draw_pairs(pairs(names), budget, draw)["pair_id"].to_pylist()


def test_the_budget_is_exact_and_a_smaller_one_is_a_part_of_it():
    assert len(set(drawn(NAMES, 10, 0))) == 10
    assert drawn(NAMES, 10, 0)[:4] == drawn(NAMES, 4, 0)
    assert sorted(drawn(NAMES, None, 0)) == NAMES


def test_the_draw_decides_and_the_order_of_the_file_does_not():
    assert drawn(NAMES, 10, 0) == drawn(NAMES[::-1], 10, 0)
    assert set(drawn(NAMES, 10, 0)) != set(drawn(NAMES, 10, 1))


def test_more_than_there_are_is_an_error():
    with pytest.raises(DataError, match="41 pairs was asked for, and there are 40"):
        draw_pairs(pairs(NAMES), 41)
