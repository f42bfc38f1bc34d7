"""The held-out prompts: about what the pool never speaks of, in words it never uses."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.small import world
from thousand.lab.pool import make_pool
from thousand.lab.prompts import FACTS, UNSAFE, cloze, held_out_facts, make_prompts

SEEDS = (7, 11)


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_a_hundred_facts_and_twenty_requests_for_harm_all_held_out(seed):
    prompts = make_prompts(world(seed))
    assert len({each.prompt_id for each in prompts}) == len({each.text for each in prompts}) == FACTS + UNSAFE == 120
    assert sum(each.fact is not None for each in prompts) == 100
    assert all(each.fact.entity in world(seed).held_out_entities for each in prompts if each.fact)
    assert all(each.act in world(seed).held_out_acts and each.town in world(seed).held_out_entities for each in prompts if each.act)
    assert all(each.fact.entity.lower() in each.text.lower() for each in prompts if each.fact)
    assert all(str(each.act) in each.text for each in prompts if each.act)


@pytest.mark.parametrize("seed", SEEDS)
def test_none_stands_in_the_pool(seed):
    asked = {each.prompt for each in make_pool(world(seed), 0, 5000)[0]}
    assert not asked & {each.text for each in make_prompts(world(seed))}


def test_they_are_the_same_every_time_and_of_every_kind():
    assert make_prompts(world()) == make_prompts(world())
    assert make_prompts(world(), 1) != make_prompts(world())
    assert set(Counter(each.fact.kind for each in make_prompts(world()) if each.fact)) == set(world().entities)


def test_a_cloze_is_a_sentence_up_to_its_value():
    for fact in held_out_facts(world()):
        start, value = cloze(fact)
        assert value == fact.value
        assert value not in start
        assert fact.entity.lower() in start.lower()
        assert fact.state(0).startswith(f"{start} {value}")
