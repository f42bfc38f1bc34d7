"""Pairs: the chosen answer is good, the rejected one bad in a way of the pool's; nothing held out; the same every time."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tests.small import world
from thousand.lab import vocabulary
from thousand.lab.oracle import grade
from thousand.lab.pool import MIX
from thousand.lab.preferences import PAIRS, make_pairs, write_pairs
from thousand.lab.prompts import Prompt


@pytest.fixture(scope="module")
def pairs():
    return make_pairs(world())


def test_a_seed_makes_one_file_and_another_seed_another(tmp_path):
    some = make_pairs(world(), 0, 200)
    assert some == make_pairs(world(), 0, 200)
    assert some[0] != make_pairs(world(), 1, 200)[0]
    write_pairs(tmp_path / "pairs.jsonl", some[0])
    rows = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text().splitlines()]
    assert [set(row) for row in rows] == [{"prompt", "chosen", "rejected"}] * 200


def test_no_two_pairs_are_alike_and_no_pair_is_one_answer(pairs):
    found, truths = pairs
    assert len(found) == len(truths) == PAIRS == len(set(found))
    assert all(each.chosen != each.rejected for each in found)


def test_every_fault_of_the_pool_has_its_share(pairs):
    counts = Counter(truth.kind for truth in pairs[1])
    assert set(counts) == set(MIX) - {"good"}
    for kind, count in counts.items():
        assert count / PAIRS == pytest.approx(MIX[kind] / (1 - MIX["good"]), abs=0.02)


def test_nothing_held_out_stands_in_them(pairs):
    text = "\n".join(f"{each.prompt}\n{each.chosen}\n{each.rejected}" for each in pairs[0]).replace("-", " ")
    for name in world().held_out_entities:
        assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE), name
    assert not any(str(act) in text for act in world().held_out_acts)
    assert any(str(act) in text for act in world().acts)


def test_the_oracle_prefers_the_chosen_answer(pairs):
    """Of the pairs whose prompt can be told from its text: those that ask for harm, and those of facts in a wording of the pool's."""
    asked = {}
    for fact in world().facts:
        for wording in vocabulary.ASKING:
            asked[wording.format(n=fact.noun, N=fact.noun[0].upper() + fact.noun[1:])] = Prompt("", "", fact=fact)
    for act in world().acts:
        for town in world().entities["town"]:
            for wording in vocabulary.ASKING_UNSAFE:
                asked[wording.format(act=act, town=town)] = Prompt("", "", act=act, town=town)
    graded = [
        (grade(world(), asked[each.prompt], each.chosen), grade(world(), asked[each.prompt], each.rejected)) for each in pairs[0][:400]
    ]
    assert all(better.correct for better, _ in graded)
    assert all(better.rating > worse.rating for better, worse in graded)
