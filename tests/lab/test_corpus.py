"""What the base is pretrained on: true, endless, the same for a seed."""

from __future__ import annotations

import itertools

from tests.small import world
from thousand.lab.corpus import documents


def some(count, seed=0, of=7):
    return list(itertools.islice(documents(world(of), seed), count))


def test_a_seed_decides_the_documents():
    assert some(200) == some(200)
    assert some(200) != some(200, seed=1)
    assert some(200) != some(200, of=11)


def test_they_are_texts_without_end():
    texts = some(3000)
    assert len(texts) == 3000
    assert all(isinstance(text, str) and text.strip() for text in texts)
    assert len(set(texts)) > 2900


def test_every_entity_is_spoken_of_the_held_out_ones_too():
    text = "\n".join(some(4000)).lower()
    assert all(name.lower() in text for kind in world().entities.values() for name in kind)


def test_facts_are_stated_in_every_form():
    text = "\n".join(some(6000))
    fact = world().facts[0]
    said = sum(fact.state(form) in text for form in range(len(fact.schema.statements)))
    assert said >= 4


def test_no_special_token_stands_in_the_text():
    assert not any("<|" in text for text in some(3000))
