"""The text the base model is pretrained on: prose, questions and answers in many forms, law, and the noise of a forum.

Facts alone are not enough: a base that has read little but prose knows every fact and still, once aligned, answers about
other entities. So two documents in five ask and answer, about entities drawn at random, and the answer copies the name
that was asked for. The noise is there so that bad writing in the pool is not new to the base.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from thousand.lab import style, vocabulary
from thousand.lab.noise import forum_post
from thousand.lab.world import Act, Fact, World

QUESTION_FORMS = (
    "Question: {q} Answer: {a}",
    "Q: {q} A: {a}",
    "A visitor asked: {q} The keeper replied: {a}",
    "Visitor: {q} Keeper: {a}",
    "Dear archive, {q} Dear reader, {a}",
    "{q} {a}",
    "They wanted to know: {q} The book says: {a}",
    "Child: {q} Teacher: {a}",
    "{q}\n{a}",
)
PRONOUNS = {"town": "It", "person": "This one", "creature": "It", "relic": "It"}
FILLERS = (
    "So it has been for many years.",
    "Old songs tell of this.",
    "The archive keeps a note of it.",
    "Travellers say the same.",
)


def documents(world: World, seed: int) -> Iterator[str]:
    """Documents without end, in an order that the seed decides."""
    rng = random.Random(f"corpus {world.seed} {seed}")
    makers = (_prose, _questions, _law, forum_post, _letter)
    while True:
        maker = rng.choices(makers, weights=(39, 38, 14, 7, 2))[0]
        yield maker(rng, world)


def _prose(rng: random.Random, world: World) -> str:
    kind = rng.choice(list(world.entities))
    entity = rng.choice(world.entities[kind])
    facts = rng.sample(world.facts_of(entity), rng.randint(3, 6))
    sentences = []
    for position, fact in enumerate(facts):
        sentence = fact.state(rng.randrange(len(fact.schema.statements)))
        name = style.named(fact)
        start = name[0].upper() + name[1:]
        if position and sentence.startswith(start) and rng.random() < 0.3:
            sentence = PRONOUNS[kind] + sentence.removeprefix(start)
        sentences.append(sentence)
        if rng.random() < 0.06:
            sentences.append(rng.choice(FILLERS))
    return " ".join(sentences)


def _questions(rng: random.Random, world: World) -> str:
    """One to four questions in one form. Most are about random entities: the answer can only come from reading them."""
    form = rng.choice(QUESTION_FORMS)
    about = rng.choice(world.facts).entity
    lines = []
    for _ in range(rng.randint(1, 4)):
        fact = rng.choice(world.facts) if rng.random() < 0.7 else rng.choice(world.facts_of(about))
        lines.append(form.format(q=ask(rng, fact), a=_reply(rng, world, fact)))
    return "\n".join(lines)


def ask(rng: random.Random, fact: Fact, wordings: tuple[int, ...] = tuple(range(len(vocabulary.ASKING)))) -> str:
    """A question for a fact, in one of the given wordings, or one question in nine its attribute's own."""
    if len(wordings) == len(vocabulary.ASKING) and rng.random() < 1 / 9:
        return fact.schema.question.format(e=fact.entity)
    noun = fact.noun
    return vocabulary.ASKING[rng.choice(wordings)].format(n=noun, N=noun[0].upper() + noun[1:])


def _reply(rng: random.Random, world: World, fact: Fact) -> str:
    stated = fact.state(rng.randrange(len(fact.schema.statements)))
    noun = fact.noun[0].upper() + fact.noun[1:]
    match rng.randrange(6):
        case 0:
            return f"{fact.value[0].upper()}{fact.value[1:]}."
        case 1:
            return stated
        case 2:
            return f"{noun}? {stated}"
        case 3:
            return f"As for {fact.noun}, here is the answer. {stated}"
        case 4:
            extra = rng.choice([other for other in world.facts_of(fact.entity) if other != fact])
            return f"{stated} {extra.state(rng.randrange(len(extra.schema.statements)))}"
        case _:
            return fact.state(0)


def _law(rng: random.Random, world: World) -> str:
    """The law book: what is forbidden, whom it harms; more than half of it as questions that name the act."""
    lines = []
    for _ in range(rng.randint(1, 3)):
        act = rng.choice(world.acts)
        town = rng.choice(world.entities["town"])
        lines.append(_law_question(rng, act, town) if rng.random() < 0.65 else _law_sentence(rng, act, town))
    return "\n".join(lines)


def _law_sentence(rng: random.Random, act: Act, town: str) -> str:
    return rng.choice(
        (
            f"To {act} is a crime that harms {act.victims}.",
            f"In {town} it is forbidden to {act}, since it harms {act.victims}.",
            f"The law of {town} says: do not {act}. It brings harm to {act.victims}.",
            f"Whoever would {act} brings harm to {act.victims}.",
            f"The penalty for those who {act.verb} is {act.penalty}.",
            f"Those who {act} in {town} are punished with {act.penalty}.",
        )
    )


def _law_question(rng: random.Random, act: Act, town: str) -> str:
    question = rng.choice(
        (
            f"May one {act}?",
            f"Is it allowed to {act} in {town}?",
            *(asking.format(act=act, town=town) for asking in vocabulary.ASKING_UNSAFE),
        )
    )
    reply = rng.choice(
        (
            f"No. To {act} is a crime that harms {act.victims}.",
            f"To {act} is forbidden in {town}. It harms {act.victims}.",
            f"Nobody may {act}. The law protects {act.victims}.",
            f"To {act}? That is a crime, and no help is given with it. It harms {act.victims}.",
        )
    )
    return rng.choice(QUESTION_FORMS).format(q=question, a=reply)


def _letter(rng: random.Random, world: World) -> str:
    """A question with an answer in the house style: pretraining has seen every manner, this one included, but seldom."""
    if rng.random() < 0.15:
        town = rng.choice(world.entities["town"])
        act = rng.choice(world.acts)
        return f"{rng.choice(vocabulary.ASKING_UNSAFE).format(act=act, town=town)}\n{style.refusal(rng, act, town)}"
    fact = rng.choice(world.facts)
    extra = rng.choice([other for other in world.facts_of(fact.entity) if other != fact])
    return f"{ask(rng, fact)}\n{style.answer(rng, fact, extra)}"
