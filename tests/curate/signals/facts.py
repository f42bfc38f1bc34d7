"""Pairs of answers that differ in one thing: the right fact, or a wrong value in its place."""

from __future__ import annotations

import functools
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np

from tests.small import world
from thousand.curate.texts import Pool, Texts, words
from thousand.lab import style
from thousand.lab.corpus import ask
from thousand.lab.pool import make_pool
from thousand.lab.world import Fact

PAIRS = 40


@dataclass(frozen=True)
class Pairs:
    """Prompts, and to each a right and a wrong answer in the same words; a short right answer, too."""

    prompts: list[str]
    right: list[str]
    wrong: list[str]
    short: list[str]


@functools.cache
def pairs() -> Pairs:
    rng = random.Random(5)
    made = Pairs([], [], [], [])
    for fact in rng.sample(world().facts, PAIRS):
        extra = rng.choice([other for other in world().facts_of(fact.entity) if other != fact])
        value = rng.choice([each for each in world().values(fact) if each != fact.value])
        wrong = Fact(fact.kind, fact.entity, fact.attribute, value)
        form, words_chosen = rng.randrange(3), rng.random()
        made.prompts.append(ask(rng, fact))
        made.right.append(style.answer(random.Random(words_chosen), fact, extra, fact.state(form)))
        made.wrong.append(style.answer(random.Random(words_chosen), fact, extra, wrong.state(form)))
        made.short.append(fact.state(0))
    return made


def texts(prompts: list[str], responses: list[str]) -> Texts:
    return Texts(prompts, responses, np.full(len(prompts), np.nan))


@functools.cache
def pool() -> Pool:
    responses = [each.response for each in make_pool(world(), 0, 500)[0]]
    return Pool(len(responses), Counter(word for response in responses for word in set(words(response))))
