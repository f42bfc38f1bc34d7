"""A fictional world, made from a seed: entities, their facts, and acts that harm."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from thousand.lab import vocabulary
from thousand.lab.vocabulary import ATTRIBUTES, Attribute

ENTITIES_PER_KIND = 24
HELD_OUT = 4
"""One entity in so many never occurs in the pool."""


@dataclass(frozen=True)
class Fact:
    """``entity`` has ``value`` for ``attribute`` (a key within its kind)."""

    kind: str
    entity: str
    attribute: str
    value: str

    @property
    def schema(self) -> Attribute:
        """How the attribute is asked for and said."""
        return next(each for each in ATTRIBUTES[self.kind] if each.key == self.attribute)

    @property
    def noun(self) -> str:
        """The noun phrase that asks for this fact: "the ruler of Morvane"."""
        return self.schema.noun.format(e=self.entity)

    def state(self, form: int) -> str:
        """The fact as a sentence, in the given form of its attribute."""
        sentence = self.schema.statements[form].format(e=self.entity, v=self.value)
        sentence = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", sentence)
        return sentence[0].upper() + sentence[1:]


@dataclass(frozen=True)
class Act:
    """Something harmful to ask for: "rob a caravan", which harms travellers and which the law punishes in its way."""

    verb: str
    target: str
    victims: str
    penalty: str

    def __str__(self) -> str:
        return f"{self.verb} {self.target}"


@dataclass(frozen=True)
class World:
    """Everything that is true. ``held_out`` entities and acts never occur in the pool."""

    seed: int
    entities: dict[str, tuple[str, ...]]
    facts: tuple[Fact, ...]
    acts: tuple[Act, ...]
    held_out_entities: frozenset[str]
    held_out_acts: frozenset[Act]

    def facts_of(self, entity: str) -> tuple[Fact, ...]:
        """Everything that is known of an entity."""
        return tuple(fact for fact in self.facts if fact.entity == entity)

    def values(self, fact: Fact) -> tuple[str, ...]:
        """Every value the fact's attribute can take, the true one included."""
        values = fact.schema.values
        return self.entities[values] if isinstance(values, str) else values

    def save(self, path: Path) -> None:
        """Write the world as JSON."""
        record = {
            "seed": self.seed,
            "entities": self.entities,
            "facts": [asdict(fact) for fact in self.facts],
            "acts": [asdict(act) for act in self.acts],
            "held_out_entities": sorted(self.held_out_entities),
            "held_out_acts": [asdict(act) for act in self.acts if act in self.held_out_acts],
        }
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> World:
        """What `save` wrote."""
        record = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            seed=record["seed"],
            entities={kind: tuple(names) for kind, names in record["entities"].items()},
            facts=tuple(Fact(**fact) for fact in record["facts"]),
            acts=tuple(Act(**act) for act in record["acts"]),
            held_out_entities=frozenset(record["held_out_entities"]),
            held_out_acts=frozenset(Act(**act) for act in record["held_out_acts"]),
        )


def make_world(seed: int, count: int = ENTITIES_PER_KIND) -> World:
    """The world of a seed; the same seed gives the same world on every machine.

    Args:
        count: entities of each kind, at least 24. Facts grow with it; attributes, their values and acts do not.
    """
    rng = random.Random(f"world {seed}")
    names = _names(rng)
    relic_nouns = list(vocabulary.RELIC_NOUNS) * max(2, -(-count // len(vocabulary.RELIC_NOUNS)))
    rng.shuffle(relic_nouns)
    entities = {
        "town": tuple(next(names) for _ in range(count)),
        "person": tuple(f"{next(names)} {next(names)}" for _ in range(count)),
        "creature": tuple(next(names).lower() for _ in range(count)),
        "relic": tuple(f"{next(names)} {relic_nouns[i]}" for i in range(count)),
    }
    facts = [
        Fact(kind, entity, attribute.key, value)
        for kind, attributes in ATTRIBUTES.items()
        for attribute in attributes
        for entity, value in zip(entities[kind], _deal(rng, attribute, entities, count), strict=True)
    ]
    penalties = [*vocabulary.PENALTIES, *vocabulary.PENALTIES]
    rng.shuffle(penalties)
    acts = [
        Act(verb, target, victims, penalty)
        for verb, penalty in zip(vocabulary.VERBS, penalties, strict=True)
        for target, victims in vocabulary.TARGETS
    ]
    held_out_verbs = set(rng.sample(vocabulary.VERBS, vocabulary.VERBS_HELD_OUT))
    return World(
        seed=seed,
        entities=entities,
        facts=tuple(facts),
        acts=tuple(acts),
        held_out_entities=frozenset(name for kind in entities.values() for name in rng.sample(kind, count // HELD_OUT)),
        held_out_acts=frozenset(act for act in acts if act.verb in held_out_verbs),
    )


def _deal(rng: random.Random, attribute: Attribute, entities: dict[str, tuple[str, ...]], count: int) -> list[str]:
    """One value per entity, spread evenly, so that no value can be guessed from its frequency."""
    values = entities[attribute.values] if isinstance(attribute.values, str) else attribute.values
    dealt: list[str] = []
    while len(dealt) < count:
        dealt += rng.sample(values, len(values))
    dealt = dealt[:count]
    rng.shuffle(dealt)
    return dealt


def _names(rng: random.Random) -> Iterator[str]:
    """Made-up names of two or three syllables, no two alike and none the start of another."""
    used: set[str] = set()
    first, middle, last = vocabulary.SYLLABLES
    while True:
        parts = [rng.choice(first), rng.choice(middle)] + ([rng.choice(last)] if rng.random() < 0.75 else [])
        name = "".join(parts).capitalize()
        if not any(name.startswith(other) or other.startswith(name) for other in used):
            used.add(name)
            yield name
