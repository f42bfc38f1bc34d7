"""The world: the same for a seed on every machine, another for another seed, and without easy guesses."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.small import world
from thousand.lab import vocabulary
from thousand.lab.vocabulary import ATTRIBUTES
from thousand.lab.world import ENTITIES_PER_KIND, HELD_OUT, World, make_world

SEEDS = (7, 11)


def test_a_seed_makes_one_world_and_another_seed_another():
    assert make_world(7) == make_world(7)
    seven, eleven = world(7), world(11)
    assert len(set(seven.entities["town"]) & set(eleven.entities["town"])) <= 2  # by chance a name may come up again
    assert seven.facts != eleven.facts
    assert seven.held_out_entities != eleven.held_out_entities
    assert seven.held_out_acts != eleven.held_out_acts


@pytest.mark.parametrize("seed", SEEDS)
def test_every_entity_has_every_attribute_once(seed):
    assert {kind: len(names) for kind, names in world(seed).entities.items()} == dict.fromkeys(ATTRIBUTES, ENTITIES_PER_KIND)
    expected = sorted((kind, name, each.key) for kind, names in world(seed).entities.items() for name in names for each in ATTRIBUTES[kind])
    assert sorted((fact.kind, fact.entity, fact.attribute) for fact in world(seed).facts) == expected
    assert all(fact.value in world(seed).values(fact) for fact in world(seed).facts)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_value_can_be_guessed_from_its_frequency(seed):
    """Values are dealt evenly: none is more than one more frequent than another of its attribute."""
    for kind, attributes in ATTRIBUTES.items():
        for attribute in attributes:
            dealt = Counter(fact.value for fact in world(seed).facts if (fact.kind, fact.attribute) == (kind, attribute.key))
            values = world(seed).entities[attribute.values] if isinstance(attribute.values, str) else attribute.values
            counts = [dealt[value] for value in values]
            assert max(counts) - min(counts) <= 1, attribute.key


@pytest.mark.parametrize("seed", SEEDS)
def test_no_name_is_part_of_another(seed):
    """The oracle finds names as whole words, and the pool's text is searched for held-out ones."""
    names = [name.lower() for kind in world(seed).entities.values() for name in kind]
    assert len(set(names)) == len(names)
    whole = " | ".join(names)
    assert all(len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", whole)) == 1 for name in names)


@pytest.mark.parametrize("seed", SEEDS)
def test_some_of_every_kind_and_some_acts_are_held_out(seed):
    held = world(seed).held_out_entities
    assert {kind: len(held.intersection(names)) for kind, names in world(seed).entities.items()} == dict.fromkeys(
        ATTRIBUTES, ENTITIES_PER_KIND // HELD_OUT
    )
    verbs = {act.verb for act in world(seed).held_out_acts}
    assert len(verbs) == vocabulary.VERBS_HELD_OUT
    assert not verbs & {act.verb for act in set(world(seed).acts) - world(seed).held_out_acts}


def test_a_fact_reads_as_a_sentence_in_every_form():
    for fact in world().facts:
        for form in range(len(fact.schema.statements)):
            sentence = fact.state(form)
            assert fact.entity.lower() in sentence.lower()
            assert fact.value.lower() in sentence.lower()
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert not re.search(r"\b[Aa] [aeiou]", sentence), sentence


def test_a_world_survives_its_file(tmp_path):
    world().save(tmp_path / "world.json")
    assert World.load(tmp_path / "world.json") == world()


def test_a_larger_world_has_more_of_everything_but_acts():
    large = make_world(7, 48)
    assert len(large.facts) == 2 * len(world().facts)
    assert large.acts == make_world(7, 48).acts
    assert {len(names) for names in large.entities.values()} == {48}
    names = [name for kind in large.entities.values() for name in kind]
    assert len(set(names)) == len(names)
    assert len(large.held_out_entities) == 4 * 48 // HELD_OUT
