"""Strategies that aim at examples, through the verb: exactly k of what may be chosen, whatever the order of the files."""

import random

import pytest

from tests.select.pool import KEPT, ROWS, write
from tests.small import SHIPPED, chat
from thousand.recipe import Arm
from thousand.select import select

QUICK = {"less": {"share": 0.2, "epochs": 1, "rank": 2, "learning_rate": 1e-3}}
SHOWN = [chat("river boat fish water bank", "word word river"), chat("bridge boat boat fish", "word boat")]


def chosen(where, strategy, k=8):
    arm = Arm.model_validate({"select": strategy, "budget": k, "like": "wanted.jsonl", "options": QUICK.get(strategy, {})})
    return select(*where, arm, shown=SHOWN, base=SHIPPED)


@pytest.mark.parametrize("strategy", ["dsir", "rds", "less"])
def test_exactly_as_many_as_asked_whatever_the_order_of_the_files(tmp_path, strategy):
    if strategy == "less":
        pytest.importorskip("peft")
    table = chosen(write(tmp_path / "one", ROWS), strategy)
    assert len(set(table["id"].to_pylist())) == 8
    assert set(table["id"].to_pylist()) <= KEPT
    assert table.equals(chosen(write(tmp_path / "two", random.Random(1).sample(ROWS, len(ROWS))), strategy))
