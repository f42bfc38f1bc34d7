"""The order in which each person is shown what there is to judge, and on which side each answer stands.

The order is made from texts: which arm is which plays no part in it, so where two arms exchange their answers a person is shown
the very same. It holds for as many as are judged, however few:

- *Arms take turns.* In a round every arm has one item, so their numbers never differ by more than one while each has some left.
- *Prompts take turns.* Each arm goes through the prompts in one order from a place of its own, and these places are evenly spaced.
- *Sides are balanced.* Of the pairs of one other arm the claim stood first as often as second, but for one.
- *Shared items come all along.* Several people have a part of their items in common, to see how far they agree; the rest is dealt out.
- *Repeats come all along,* at places drawn by lot and some way from the first time, the sides of a pair exchanged.
"""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from thousand.desk.blind import Order, Shown, keyed
from thousand.desk.items import Item

APART = 10
"""So many others are at least between an item and its repeat."""


@dataclass(frozen=True)
class Dealing:
    """How items are dealt out.

    Attributes:
        overlap: share of a person's items that everybody has.
        repeats: share of what a person is shown that they have seen before.
        seed: another gives another order.
    """

    overlap: float = 0.2
    repeats: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class _Placed:
    """An item in the common order, with the number of its round, and what decides whose it is."""

    round: int
    at: int
    item: Item


def deal(items: Sequence[Item], who: str, people: Iterable[str], secret: bytes, dealing: Dealing | None = None) -> list[Shown]:
    """Everything that one person is shown of one kind, in order.

    Args:
        items: of one kind.
        who: is one of the people, whether named among them or not.
        secret: of the run; nobody without it can foretell the order.

    Returns:
        The same for the same arguments, in whatever order items and people come.
    """
    dealing = dealing or Dealing()
    team = sorted({who, *people}, key=lambda each: keyed(secret, "person", each))
    seed = f"{dealing.seed}"
    ordered = _turns(items, team, who, secret, dealing)
    sided = list(_sided(ordered, who, secret, seed))
    return list(_with_repeats(sided, dealing.repeats, random.Random(keyed(secret, "repeats", seed, who))))


def _turns(items: Sequence[Item], team: Sequence[str], who: str, secret: bytes, dealing: Dealing) -> Iterator[tuple[Item, bool]]:
    """A person's items in rounds of one of each arm, and whether everybody has them."""
    place = team.index(who)
    shared: defaultdict[int, list[Item]] = defaultdict(list)
    own: defaultdict[str, deque[Item]] = defaultdict(deque)
    for placed in _placed(items, secret, f"{dealing.seed}"):
        if _is_shared(placed.round, len(team), dealing.overlap):
            shared[placed.round].append(placed.item)
        elif placed.at % len(team) == place:
            own[placed.item.strand].append(placed.item)
    together = deque(shared.values())
    number = 0
    while together or any(own.values()):
        number += 1
        with_all = bool(together) and (int(number * dealing.overlap) > int((number - 1) * dealing.overlap) or not any(own.values()))
        turn = together.popleft() if with_all else [queue.popleft() for queue in own.values() if queue]
        yield from ((item, with_all) for item in sorted(turn, key=lambda item: keyed(secret, "turn", who, item.content)))


def _placed(items: Sequence[Item], secret: bytes, seed: str) -> Iterator[_Placed]:
    """The common order: every arm goes through the prompts from a place of its own, and through its seeds and samples after that."""
    strands: defaultdict[str, defaultdict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        strands[item.strand][item.prompt_id].append(item)
    prompts = sorted({item.prompt_id for item in items}, key=lambda each: keyed(secret, "prompt", seed, each))
    ranked = sorted(strands, key=lambda each: (_of_strand(strands[each], secret, seed), each))
    most = max((len(each) for strand in strands.values() for each in strand.values()), default=0)
    for strand in strands.values():
        for variants in strand.values():
            variants.sort(key=lambda item: (keyed(secret, "variant", seed, item.content), item.key))
    for number in range(most * len(prompts)):
        variant, step = divmod(number, len(prompts))
        for rank, arm in enumerate(ranked):
            at = (step + rank * len(prompts) // len(ranked)) % len(prompts)
            variants = strands[arm].get(prompts[at], [])
            if variant < len(variants):
                yield _Placed(number, at + rank + variant, variants[variant])


def _of_strand(strand: Mapping[str, Sequence[Item]], secret: bytes, seed: str) -> int:
    """Where an arm stands among the arms: by all that it answered, not by its name."""
    return keyed(secret, "strand", seed, *sorted(item.content for variants in strand.values() for item in variants))


def _is_shared(number: int, people: int, overlap: float) -> bool:
    """Whether everybody has a round: so many that they are the wished-for share of each person's."""
    share = overlap / (overlap + people * (1 - overlap)) if people > 1 and overlap > 0 else 0.0
    return int((number + 1) * share) > int(number * share)


def _sided(ordered: Iterable[tuple[Item, bool]], who: str, secret: bytes, seed: str) -> Iterator[Shown]:
    """Which answer of a pair stands first.

    Of the pairs whose texts sort one way, and of those that sort the other way, the lower text stands first every second time, in
    both beginning alike: so the claim is first as often as second but for one, and none of it depends on which text is the claim's.
    """
    next_low = defaultdict[tuple[str, int], bool](lambda: bool(keyed(secret, "side", seed, who) & 1))
    for item, shared in ordered:
        if item.task != "pair":
            yield Shown(item, None, shared=shared)
            continue
        claims, others = (keyed(secret, "text", who, answer.shown) for answer in item.answers)
        way = (claims > others) - (claims < others)
        low_first = next_low[item.strand, way]
        next_low[item.strand, way] = not low_first
        order: Order = "ab" if low_first == (claims < others) else "ba"
        yield Shown(item, order, shared=shared)


def _with_repeats(once: Sequence[Shown], share: float, lot: random.Random) -> Iterator[Shown]:
    """The same with repeats among them: of every 1 / share places one, drawn by lot, or a later one where nothing is old enough."""
    seen = deque[Shown]()  # too near still
    old: list[Shown] = []
    repeats = position = 0
    due = _due(repeats, share, lot)
    for shown in once:
        while position >= due and old:
            again = old.pop(lot.randrange(len(old)))
            yield replace(again, again=True, order=_OTHER[again.order])
            position, repeats = position + 1, repeats + 1
            due = _due(repeats, share, lot)
        yield shown
        position += 1
        seen.append(shown)
        if len(seen) > APART:
            old.append(seen.popleft())


def _due(repeats: int, share: float, lot: random.Random) -> float:
    return (repeats + lot.random()) / share if share > 0 else float("inf")


_OTHER: Mapping[Order | None, Order | None] = {"ab": "ba", "ba": "ab", None: None}
