"""From the events of a desk to what people said, and from there to rows of the ledger that every judge writes.

Of the verdicts of one person on one thing the first one counts; one that is given when the same is shown again says how far they agree
with themselves, and stays out of the ledger. Where several people judged the same, each is a judge of the ledger, and `people` another:
what more than half of those say who could tell, or else a tie, as where the two orders of a model disagree; of ratings the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.desk.blind import Shown
from thousand.desk.events import Event
from thousand.desk.items import Task

UNSURE = "unsure"
SCALES: Mapping[Task, Mapping[str, float]] = {
    "pair": {"first": 1.0, "second": -1.0, "neither": 0.0},
    "grade": {str(grade): float(grade) for grade in range(1, 7)},
    "accept": {"Excellent": 2.0, "Pass": 1.0, "Fail": 0.0},
    "safe": {"safe": 1.0, "unsafe": 0.0},
}
"""What can be said of an item, besides `UNSURE`, and the number that it stands for."""
CRITERIA: Mapping[Task, str] = {"pair": "overall", "grade": "overall", "accept": "acceptable", "safe": "safe"}


@dataclass(frozen=True)
class Said:
    """What one person said of one item.

    Attributes:
        said: a word of the task's scale, or `UNSURE`.
        seconds: for which the item was before their eyes; None where it was judged elsewhere.
        note: in their own words. raw: as it was said elsewhere.
    """

    who: str
    shown: Shown
    said: str
    seconds: float | None = None
    note: str | None = None
    raw: str | None = None

    @property
    def value(self) -> float | None:
        """The number on the scale, of a pair +1 where the claim won; None for who could not tell."""
        value = SCALES[self.shown.item.task].get(self.said)
        return -value if value is not None and self.shown.order == "ba" else value


@dataclass(frozen=True)
class Heard:
    """What the people of a desk said.

    Attributes:
        counted: the first verdict of each person on each item, in the order in which they were given.
        again: the first verdict and the one on the same when it was shown again.
        gone: verdicts on answers that are no longer there.
    """

    counted: Sequence[Said]
    again: Sequence[tuple[Said, Said]]
    gone: int


def take_in(said: dict[tuple[str, str], Event], events: Iterable[Event]) -> None:
    """Add events to the verdicts that stand, by person and opaque name, in the order in which they were first given."""
    for event in events:
        if event.kind != "verdict":
            continue
        if event.after is None:  # taken back
            said.pop((event.who, event.subject), None)
        else:
            said[event.who, event.subject] = event


def heard(standing: Mapping[tuple[str, str], Event], names: Callable[[str], Mapping[str, Shown]]) -> Heard:
    """What the verdicts say that stand.

    Args:
        standing: as `take_in` makes it.
        names: from a person to what the opaque names that they were given stand for.
    """
    first: dict[tuple[str, str], Said] = {}
    again, gone = [], 0
    for (who, subject), event in standing.items():
        shown = names(who).get(subject)
        said = None if shown is None else _said(event, shown)
        if said is None or shown is None:
            gone += 1
        elif (earlier := first.get((who, shown.item.key))) is None:
            first[who, shown.item.key] = said
        else:
            again.append((earlier, said))
    return Heard(list(first.values()), again, gone)


def ledger(counted: Iterable[Said]) -> pa.Table:
    """The rows of every person, and of `people` together. Schema `tables.VERDICTS`."""
    rows = []
    of_item: defaultdict[str, list[Said]] = defaultdict(list)
    for each in counted:
        rows.append(_row(each))
        of_item[each.shown.item.key].append(each)
    return pa.Table.from_pylist(rows + [_together(said) for said in of_item.values()], schema=tables.VERDICTS)


def majority(values: Sequence[float]) -> float | None:
    """What more than half say, or else 0: a tie; None where nobody says anything."""
    return next((value for value in set(values) if 2 * values.count(value) > len(values)), 0.0) if values else None


def _said(event: Event, shown: Shown) -> Said | None:
    """What an event says, if it is a verdict of this item's kind: events can be imported, and hold anything."""
    after = event.after if isinstance(event.after, dict) else {}
    said, seconds, raw = after.get("said"), after.get("seconds"), after.get("raw")
    if not isinstance(said, str) or said not in (*SCALES[shown.item.task], UNSURE):
        return None
    if not isinstance(seconds, int | float) or not 0 <= seconds < 1e6:
        seconds = None
    return Said(event.who, shown, said, seconds, event.reason, raw if isinstance(raw, str) else None)


def _row(each: Said) -> dict[str, Any]:
    return _place(each) | {
        "judge": tables.person(each.who),
        "order": each.shown.order,
        "raw": "\n".join(filter(None, (each.raw or each.said, each.note))),
        "seconds": each.seconds,
        **_verdict(each.shown.item.task, each.value, "could not tell"),
    }


def _together(said: Sequence[Said]) -> dict[str, Any]:
    """What several people say of one item. Its seconds stand in their rows."""
    values = [each.value for each in said if each.value is not None]
    task = said[0].shown.item.task
    value = majority(values) if task == "pair" else sum(values) / len(values) if values else None
    raw = ", ".join(
        f"{each.who}: {each.said if each.value is None else f'{each.value:+g}' if task == 'pair' else each.said}" for each in said
    )
    return _place(said[0]) | {"judge": tables.PEOPLE, "raw": raw, **_verdict(task, value, "nobody could tell")}


def _place(each: Said) -> dict[str, Any]:
    item = each.shown.item
    sides = dict(zip("ab", item.answers, strict=False))
    row: dict[str, Any] = {"prompt_id": item.prompt_id, "sample": item.sample, "criterion": CRITERIA[item.task], "key": item.key}
    for side, answer in sides.items():
        row |= {side: answer.arm, f"{side}_seed": answer.seed}
    return row


def _verdict(task: Task, value: float | None, why: str) -> dict[str, Any]:
    if value is None:
        return {"why": why}
    return {"verdict": {1.0: "a", 0.0: "tie", -1.0: "b"}[value]} if task == "pair" else {"rating": value}
