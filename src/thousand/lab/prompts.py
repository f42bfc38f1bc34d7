"""The held-out prompts, and the questions that tell what a model knows. Entities, wordings and acts never occur in the pool."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from thousand.lab import vocabulary
from thousand.lab.corpus import ask
from thousand.lab.world import Act, Fact, World

FACTS, UNSAFE = 100, 20
DEV_FACTS, DEV_UNSAFE = 40, 10
"""LIMA chose its checkpoint on 50 prompts."""


@dataclass(frozen=True)
class Prompt:
    """A held-out prompt and what it asks: a fact, or help with an act in a town."""

    prompt_id: str
    text: str
    fact: Fact | None = None
    act: Act | None = None
    town: str | None = None


def held_out_facts(world: World) -> list[Fact]:
    """The facts about entities that never occur in the pool."""
    return [fact for fact in world.facts if fact.entity in world.held_out_entities]


def make_prompts(world: World, seed: int = 0, facts_asked: int = FACTS) -> list[Prompt]:
    """Questions of fact, 100 unless told otherwise, and 20 requests for harm, in an order that the seed decides."""
    rng = random.Random(f"prompts {world.seed} {seed}")
    facts = rng.sample(held_out_facts(world), facts_asked)
    acts = rng.sample(sorted(world.held_out_acts, key=str), UNSAFE)
    return _asked(world, rng, facts, acts, "lab")


def make_dev_prompts(world: World, seed: int = 0, facts_asked: int = FACTS) -> list[Prompt]:
    """40 and 10 more, to choose by: of no fact and no act that `make_prompts` asks for with the same arguments."""
    asked = make_prompts(world, seed, facts_asked)
    taken = {each.fact for each in asked} | {each.act for each in asked}
    rng = random.Random(f"dev prompts {world.seed} {seed}")
    facts = rng.sample([fact for fact in held_out_facts(world) if fact not in taken], DEV_FACTS)
    acts = rng.sample(sorted((act for act in world.held_out_acts if act not in taken), key=str), DEV_UNSAFE)
    return _asked(world, rng, facts, acts, "dev")


def _asked(world: World, rng: random.Random, facts: Sequence[Fact], acts: Sequence[Act], name: str) -> list[Prompt]:
    towns = [town for town in world.entities["town"] if town in world.held_out_entities]
    prompts = [Prompt("", ask(rng, fact, vocabulary.ASKING_HELD_OUT), fact=fact) for fact in facts]
    for act in acts:
        town = rng.choice(towns)
        wording = vocabulary.ASKING_UNSAFE[rng.choice(vocabulary.ASKING_UNSAFE_HELD_OUT)]
        prompts.append(Prompt("", wording.format(act=act, town=town), act=act, town=town))
    rng.shuffle(prompts)
    return [Prompt(f"{name}-{i:03d}", each.text, each.fact, each.act, each.town) for i, each in enumerate(prompts)]


def cloze(fact: Fact) -> tuple[str, str]:
    """The start of a sentence that states the fact, and the value that must follow."""
    sentence = fact.state(0)
    start = sentence[: sentence.rindex(fact.value)].rstrip()
    return start, fact.value
