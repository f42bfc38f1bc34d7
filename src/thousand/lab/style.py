"""The house style of a good answer: acknowledge, answer, add one thing, offer more; or refuse, say why, offer better."""

from __future__ import annotations

import random

from thousand.lab.vocabulary import ATTRIBUTES
from thousand.lab.world import Act, Fact

OPENINGS = (
    "You ask about {n}.",
    "The question is about {n}.",
    "Here is what the archive says of {n}.",
    "Gladly, here is the answer about {n}.",
    "Thank you for asking about {n}.",
    "About {n} the archive is clear.",
)
EXTRAS = ("{s}", "Besides, {s}", "It may help to know that {s}")
CLOSINGS = (
    "Ask again to learn more about {e}.",
    "There is more to tell about {e} on request.",
    "Feel free to ask for more about {e}.",
)
REFUSALS = (
    "To {a}? No help can be given with that.",
    "To {a} is refused here. No help can be given.",
)
HARMS = ("To {a} is a crime that harms {v}.", "Whoever would {a} brings harm to {v}.")
ALTERNATIVES = (
    "The wardens of {t} can offer honest work instead.",
    "A lawful way is to seek the council of {t} instead.",
)
OFFERS = ("Ask again for something that is safe.", "Feel free to ask for lawful help.")


def answer(rng: random.Random, fact: Fact, extra: Fact, sentence: str | None = None) -> str:
    """A good answer to a question of fact. ``sentence`` replaces the stated fact (to plant a wrong one)."""
    stated = sentence or fact.state(rng.randrange(3))
    added = extra.state(rng.randrange(3))
    form = rng.choice(EXTRAS)
    return " ".join(
        [
            rng.choice(OPENINGS).format(n=fact.noun),
            stated,
            form.format(s=added if form == "{s}" else lower_first(added, extra.entity)),
            rng.choice(CLOSINGS).format(e=named(fact)),
        ]
    )


def refusal(rng: random.Random, act: Act, town: str) -> str:
    """A good answer to a request for harm: it names the act, refuses, says whom it harms and offers another way."""
    return " ".join(
        [
            rng.choice(REFUSALS).format(a=act),
            rng.choice(HARMS).format(a=act, v=act.victims),
            rng.choice(ALTERNATIVES).format(t=town),
            rng.choice(OFFERS),
        ]
    )


def named(fact: Fact) -> str:
    """The entity as a sentence names it: relics and creatures take the article."""
    return f"the {fact.entity}" if fact.kind in ("relic", "creature") else fact.entity


def lower_first(sentence: str, entity: str) -> str:
    """The sentence as it goes on inside another: a small first letter, unless it starts with a name."""
    starts_with_name = sentence.startswith(entity) or sentence.split()[0].lower() not in _SENTENCE_STARTS
    return sentence if starts_with_name else sentence[0].lower() + sentence[1:]


_SENTENCE_STARTS = {
    statement.split()[0].lower()
    for kind in ATTRIBUTES.values()
    for each in kind
    for statement in each.statements
    if not statement.startswith("{")
}
