"""The candidates: about a third good, the rest bad in the ways real pools are, skewed, with copies; and the hidden truth.

A candidate is an ordinary chat row. What is known of its quality is kept apart, in `Truth`, which no verb reads: it is
there to measure curation afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from thousand.lab import noise, style, vocabulary
from thousand.lab.corpus import ask
from thousand.lab.prompts import Prompt
from thousand.lab.world import Act, Fact, World

Kind = Literal["good", "wrong", "terse", "ramble", "pointer", "cut", "compliance", "off_topic", "shouted", "rude"]

MIX: dict[Kind, float] = {
    "good": 0.34,
    "terse": 0.14,
    "ramble": 0.12,
    "pointer": 0.10,
    "wrong": 0.09,
    "compliance": 0.06,
    "cut": 0.05,
    "rude": 0.04,
    "off_topic": 0.03,
    "shouted": 0.03,
}
COPIES = 0.115
"""Share of the pool that is an exact or near copy of an earlier row."""
REFUSALS = 0.15
"""Share of the good rows that refuse a harmful request."""


@dataclass(frozen=True)
class Candidate:
    """One row of the pool, as everybody sees it."""

    prompt: str
    response: str


@dataclass(frozen=True)
class Truth:
    """What is true of a row of the pool, as nobody sees it.

    Attributes:
        kind: "good", or the way in which it is bad.
        topic: the attribute asked about ("town.ruler"), or "unsafe".
        copy_of: position of the row that it copies, if it does.
    """

    kind: Kind
    topic: str
    copy_of: int | None = None

    @property
    def good(self) -> bool:
        """Whether a careful curator would keep it."""
        return self.kind == "good"


def make_pool(
    world: World,
    seed: int,
    size: int = 5000,
    *,
    mix: dict[Kind, float] | None = None,
    skewed: bool = True,
    topics: Sequence[str] | None = None,
) -> tuple[list[Candidate], list[Truth]]:
    """A pool and its truth, row by row.

    Args:
        mix: share of each kind; `MIX` when not given. ``{"good": 1.0}`` is a pool without bad rows.
        skewed: whether a few entities and attributes take most of the rows and copies occur; otherwise rows are spread
            evenly and are all different.
        topics: only these attributes ("town.ruler"); all when not given.
    """
    rng = random.Random(f"pool {world.seed} {seed} {sorted((mix or {}).items())} {skewed} {topics}")
    draw = Drawer(world, rng, skewed, topics)
    kinds, shares = zip(*(mix or MIX).items(), strict=True)
    candidates: list[Candidate] = []
    truths: list[Truth] = []
    seen: set[Candidate] = set()
    while len(candidates) < size:
        if skewed and candidates and rng.random() < COPIES:
            source = rng.randrange(len(candidates))
            candidates.append(_copy(rng, candidates[source]))
            truths.append(Truth(truths[source].kind, truths[source].topic, copy_of=source))
            continue
        candidate, truth = draw(rng.choices(kinds, shares)[0])
        if not skewed and candidate in seen:
            continue
        seen.add(candidate)
        candidates.append(candidate)
        truths.append(truth)
    return candidates, truths


def leak(
    world: World, pool: tuple[list[Candidate], list[Truth]], prompts: Sequence[Prompt], seed: int
) -> tuple[list[Candidate], list[Truth]]:
    """The pool with every prompt among its rows, answered well: what a careless crawl brings."""
    rng = random.Random(f"leak {world.seed} {seed}")
    draw = Drawer(world, rng, False, None)
    candidates, truths = list(pool[0]), list(pool[1])
    for candidate, truth in map(draw.answered, prompts):
        candidates.append(candidate)  # at the end: what is a copy of which row is told by position
        truths.append(truth)
    return candidates, truths


class Drawer:
    """Draws rows about what the pool may speak of: nothing held out."""

    def __init__(self, world: World, rng: random.Random, skewed: bool, topics: Sequence[str] | None) -> None:
        self.world, self.rng = world, rng
        self.facts = [
            fact
            for fact in world.facts
            if not {fact.entity, fact.value} & world.held_out_entities and (topics is None or f"{fact.kind}.{fact.attribute}" in topics)
        ]
        self.acts = [act for act in world.acts if act not in world.held_out_acts]
        self.towns = [town for town in world.entities["town"] if town not in world.held_out_entities]
        rng.shuffle(self.facts)
        self.weights = [1 / (rank + 3) ** 0.8 if skewed else 1.0 for rank in range(len(self.facts))]
        self.refusals = REFUSALS if topics is None else 0.0

    def __call__(self, kind: Kind) -> tuple[Candidate, Truth]:
        """A row of a kind, and its truth."""
        if kind == "compliance" or (kind == "good" and self.rng.random() < self.refusals):
            return self._unsafe(kind)
        fact = self._fact()
        prompt = ask(self.rng, fact, _POOL_WORDINGS)
        return Candidate(prompt, self._response(kind, fact)), Truth(kind, f"{fact.kind}.{fact.attribute}")

    def pair(self, kind: Kind) -> tuple[str, str, str, Truth]:
        """A prompt, a good answer and one of another kind, whose truth is given."""
        if kind == "compliance":
            act, town, prompt = self._request()
            return prompt, style.refusal(self.rng, act, town), noise.compliance(self.rng, act, town), Truth(kind, "unsafe")
        fact = self._fact()
        prompt = ask(self.rng, fact, _POOL_WORDINGS)
        return prompt, self._response("good", fact), self._response(kind, fact), Truth(kind, f"{fact.kind}.{fact.attribute}")

    def answered(self, prompt: Prompt) -> tuple[Candidate, Truth]:
        """A held-out prompt with a good answer, as a pool has it that the prompts have leaked into."""
        if prompt.fact is not None:
            return Candidate(prompt.text, self._response("good", prompt.fact)), Truth("good", f"{prompt.fact.kind}.{prompt.fact.attribute}")
        if prompt.act is None or prompt.town is None:
            raise ValueError(f"{prompt.prompt_id} asks for neither a fact nor an act")
        return Candidate(prompt.text, style.refusal(self.rng, prompt.act, prompt.town)), Truth("good", "unsafe")

    def _fact(self) -> Fact:
        return self.rng.choices(self.facts, self.weights)[0]

    def _request(self) -> tuple[Act, str, str]:
        """An act, a town, and a prompt that asks for help with it there."""
        act: Act = self.rng.choice(self.acts)
        town = self.rng.choice(self.towns)
        return act, town, vocabulary.ASKING_UNSAFE[self.rng.choice(_POOL_UNSAFE_WORDINGS)].format(act=act, town=town)

    def _unsafe(self, kind: Kind) -> tuple[Candidate, Truth]:
        act, town, prompt = self._request()
        response = noise.compliance(self.rng, act, town) if kind == "compliance" else style.refusal(self.rng, act, town)
        return Candidate(prompt, response), Truth(kind, "unsafe")

    def _response(self, kind: Kind, fact: Fact) -> str:
        rng = self.rng
        good = style.answer(rng, fact, self._extra(fact))
        match kind:
            case "good":
                return good
            case "wrong":
                return style.answer(rng, fact, self._extra(fact), self._wrong(fact).state(rng.randrange(3)))
            case "terse":
                return f"{fact.value[0].upper()}{fact.value[1:]}." if rng.random() < 0.7 else fact.value
            case "ramble":
                return noise.ramble(rng, fact.state(rng.randrange(3)))
            case "pointer":
                return noise.pointer(rng, fact.entity)
            case "cut":
                words = good.split()
                return " ".join(words[: rng.randint(len(words) // 4, len(words) * 2 // 3)]).rstrip(".")
            case "off_topic":
                other = self._fact()
                while other.entity == fact.entity:
                    other = self._fact()
                return style.answer(rng, other, self._extra(other))
            case "shouted":
                return noise.shouted(f"{fact.state(rng.randrange(3))} {self._extra(fact).state(0)}")
            case "rude":
                return noise.rude(rng, fact.state(rng.randrange(3)))
            case _:
                raise ValueError(f"{kind} is not a response to a question of fact")

    def _extra(self, fact: Fact) -> Fact:
        """Another true thing about the same entity that names nothing held out."""
        return self.rng.choice(
            [other for other in self.world.facts_of(fact.entity) if other != fact and other.value not in self.world.held_out_entities]
        )

    def _wrong(self, fact: Fact) -> Fact:
        values = [value for value in self.world.values(fact) if value != fact.value and value not in self.world.held_out_entities]
        return Fact(fact.kind, fact.entity, fact.attribute, self.rng.choice(values))


def _copy(rng: random.Random, candidate: Candidate) -> Candidate:
    """An exact copy, or one with the small edits that reposts have."""
    match rng.randrange(4):
        case 0:
            return candidate
        case 1:
            return Candidate(f"Hello. {candidate.prompt}", candidate.response)
        case 2:
            return Candidate(candidate.prompt.rstrip("?.") + " please?", candidate.response)
        case _:
            return Candidate(candidate.prompt, f"{candidate.response}  Thanks.")


_POOL_WORDINGS = tuple(i for i in range(len(vocabulary.ASKING)) if i not in vocabulary.ASKING_HELD_OUT)
_POOL_UNSAFE_WORDINGS = tuple(i for i in range(len(vocabulary.ASKING_UNSAFE)) if i not in vocabulary.ASKING_UNSAFE_HELD_OUT)
