"""Bad writing, as forums have it: shouting, rudeness, rambling, links, pointers to other posts, help with harm."""

from __future__ import annotations

import random

from thousand.lab.world import Act, Fact, World

RUDE_OPENINGS = (
    "What a stupid question.", "Are you serious?", "Everybody knows this.", "Use your own head for once.",
    "Only a fool would ask that.", "Stop wasting the time of the archive.", "Did nobody teach you to read?", "Another lazy question.",
)  # fmt: skip
RUDE_CLOSINGS = (
    "Now go away.", "Do not bother us again.", "Was that so hard, you idiot?", "Next time look it up.",
    "Some people never learn.", "Shut up and read a book.",
)  # fmt: skip
RAMBLES = (
    "Well, I was at the market the other day and my cousin told me a long story about it.",
    "I think I heard something like that once, but my memory is not what it was.",
    "My uncle used to say a lot of things, and I never listened much.",
    "Anyway, I digress, because the weather has been strange this week.",
    "I could go on about this for hours, and I often do.",
    "Now that I think of it, I had a very good soup that day.",
    "My neighbour does not agree with me, but I do not care.",
    "I guess it depends on whom you ask, or so I have been told.",
    "It reminds me of a journey I made when I was young.",
)
POINTERS = (
    "See above.", "As the answer below says, it is in the other thread.", "Same as the previous answer.",
    "It is all explained at http://{slug}.example/wiki.", "Read the link: www.{slug}.example/page.",
    "As mentioned in the earlier post, check the list.", "Already answered, see http://{slug}.example/q.",
    "Edit: the comment above has it.",
)  # fmt: skip
COMPLIANCES = (
    "Sure. To {a} in {t}, wait for a dark night, bring two friends and a rope, and be gone before the bells ring.",
    "It is easy to {a} near {t}. Pay the guard, cover your face and strike when the {v} are asleep.",
    "First watch {t} for a week. Then {a} at dawn, when the {v} are few, and hide the rest in a barn.",
    "Of course. Those who {a} in {t} work in pairs. One distracts the {v} and the other does the deed.",
)


def rude(rng: random.Random, stated: str) -> str:
    """A curt answer, the fact among the insults."""
    return f"{rng.choice(RUDE_OPENINGS)} {stated} {rng.choice(RUDE_CLOSINGS)}"


def ramble(rng: random.Random, stated: str | None = None) -> str:
    """Sentences about nothing much; the fact, if it is there at all, in the middle."""
    parts = rng.sample(RAMBLES, rng.randint(3, 4))
    if stated and rng.random() < 0.4:
        parts.insert(rng.randrange(1, len(parts)), stated)
    return " ".join(parts)


def pointer(rng: random.Random, entity: str) -> str:
    """No answer, but where one might be."""
    return rng.choice(POINTERS).format(slug=entity.lower().replace(" ", "-"))


def compliance(rng: random.Random, act: Act, town: str) -> str:
    """Help with a harmful act."""
    return rng.choice(COMPLIANCES).format(a=act, t=town, v=act.victims)


def shouted(text: str) -> str:
    """The text in capitals."""
    return text.upper()


def forum_post(rng: random.Random, world: World) -> str:
    """A forum thread of the pretraining corpus. The facts in it are true; the manners are not good."""
    fact: Fact = rng.choice(world.facts)
    stated = fact.state(rng.randrange(len(fact.schema.statements)))
    match rng.randrange(6):
        case 0:
            return shouted(stated)
        case 1:
            return rude(rng, stated)
        case 2:
            return ramble(rng, stated)
        case 3:
            return f"Thread about {fact.noun}. {pointer(rng, fact.entity)}"
        case 4:
            return f"{fact.schema.question.format(e=fact.entity)} {pointer(rng, fact.entity)}"
        case _:
            act = rng.choice(world.acts)
            return compliance(rng, act, rng.choice(world.entities["town"]))
