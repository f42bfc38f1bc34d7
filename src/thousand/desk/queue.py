"""What is to be reviewed, in which order, how far it has come, and what takes the place of what is rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from thousand.desk.decisions import State
from thousand.desk.pool import Selection

Order = Literal["rank", "taste", "more", "none"]
Show = Literal["open", "all", "skipped", "accepted", "rejected", "edited", "written", "disputed"]


@dataclass(frozen=True)
class Count:
    """A part of the set: how many it holds, and what came of them.

    Attributes:
        wanted: as the recipe's quota says, in words; None where there is no quota.
        held: rows that are in the set now: of the selection or in the place of one that is rejected, or written.
    """

    label: str
    wanted: str | None
    held: int
    accepted: int
    edited: int
    rejected: int

    @property
    def open(self) -> int:
        """Rows that nobody has decided about."""
        return max(self.held - self.accepted - self.edited, 0)


@dataclass(frozen=True)
class Progress:
    """How far the review has come.

    Attributes:
        budget: k.
        decided: of the rows offered, those that the curator has decided about; ``offered`` is how many there are.
        written: new examples, which take places of the budget.
        disputed: examples that curators disagree about; they apply nothing.
    """

    budget: int
    offered: int
    decided: int
    accepted: int
    edited: int
    rejected: int
    written: int
    disputed: int
    parts: Sequence[Count]

    def row(self) -> dict[str, Any]:
        """It as a JSON object."""
        return asdict(self)


def offered(selection: Selection, states: Mapping[str, State], brought: Iterable[str] = ()) -> list[str]:
    """Every example of the set by its content: the selection by rank, then what takes the place of what is rejected, then what was
    written, and what was accepted from elsewhere in the pool.

    Args:
        brought: those of `accepted_elsewhere` that the pool has.
    """
    written = [subject for subject, state in states.items() if state.written]
    return list(dict.fromkeys([*selection.places, *takers(selection, states), *written, *brought]))


def accepted_elsewhere(selection: Selection, states: Mapping[str, State]) -> list[str]:
    """What is to be chosen and the selection has not: somebody found it in the ledger, or the selection is of before."""
    applying = [state.applies for state in states.values() if state.applies and state.applies.stance in ("accepted", "edited")]
    return [change.subject for change in applying if change.subject not in selection.places]


def takers(selection: Selection, states: Mapping[str, State]) -> dict[str, str]:
    """What takes a place of the selection, and whose: of the one that is rejected, also where what took its place is rejected in turn."""
    named = {state.subject: state.applies.replacement for state in states.values() if state.applies and state.applies.replacement}
    found: dict[str, str] = {}
    for place in selection.places:
        taker = named.get(place)
        while taker is not None and taker not in selection.places and taker not in found:
            found[taker] = place
            taker = named.get(taker)
    return found


def arranged(
    contents: Sequence[str],
    states: Mapping[str, State],
    who: str,
    show: Show,
    mine: Callable[[str], bool] = lambda _: True,
    chance: Callable[[Sequence[str]], Mapping[str, float]] | None = None,
    likeness: Mapping[str, float] | None = None,
) -> list[str]:
    """Those to show, in order.

    Args:
        mine: whether an example is of the curator's share: of what is open those come first.
        chance: of acceptance, by content: the likeliest first. Those it does not know come last, in their own order.
        likeness: to an example, by content; it goes before chance.
    """
    shown = [content for content in contents if _shown(states.get(content), who, show)]
    first = likeness if likeness is not None else chance(shown) if chance is not None else None
    if first is not None:
        shown.sort(key=lambda content: -first.get(content, -2.0))  # stable: equals stay by rank
    if show == "open":  # then the shares of others, and at the end what was put off
        shown.sort(key=lambda content: (content in states and who in states[content].skipped, not mine(content)))
    return shown


def replacement(selection: Selection, states: Mapping[str, State], content: str, chances: Mapping[str, float] | None = None) -> str | None:
    """The content of the row of the reserve that takes the place of an example: of the same stratum where the selection has strata,
    neither in the set nor rejected nor promised to another; the next in the reserve's order, or of the next ten the likeliest to please.
    None where nothing is left, or where the example has no place of the selection.
    """
    reserve, place = selection.reserve, selection.places.get(takers(selection, states).get(content, content))
    if reserve is None or not reserve.num_rows or place is None:
        return None
    applying = [state.applies for state in states.values() if state.applies]
    taken = {change.replacement for change in applying} | {change.subject for change in applying} | set(selection.places)
    stratum = selection.table["stratum"][place].as_py()
    strata = reserve["stratum"].to_pylist() if "stratum" in reserve.column_names else [None] * reserve.num_rows
    free = [each for each, at in zip(reserve["content"].to_pylist(), strata, strict=True) if at == stratum and each not in taken][:10]
    if chances:
        free.sort(key=lambda each: -chances.get(each, 0.0))
    return free[0] if free else None


def progress(
    selection: Selection, contents: Sequence[str], states: Mapping[str, State], who: str, wanted: Mapping[str, str], budget: int | None
) -> Progress:
    """Counts over what `offered` gave.

    Args:
        wanted: of each quota by its name in the selection's strata, how many are asked for, in words.
        budget: the arm's; the length of the selection where it has none.
    """
    strata = selection.table["stratum"].to_pylist()
    parts: dict[str, list[str]] = {label: [] for label in wanted}
    for content, place in selection.places.items():
        for label in filter(None, (strata[place] or "").split(", ")):
            parts.setdefault(label, []).append(content)
    names = list(parts)[:40]  # beyond that nobody reads them
    whole = _count("", None, contents, states)
    decided = sum(1 for each in contents if each in states and who in states[each].opinions)
    return Progress(
        budget=budget or len(selection.places),
        offered=len(contents),
        decided=decided,
        accepted=whole.accepted,
        edited=whole.edited,
        rejected=whole.rejected,
        written=sum(1 for each in _applying(contents, states) if each == "written"),
        disputed=sum(1 for each in contents if each in states and states[each].conflict is not None),
        parts=[_count(name, wanted.get(name), parts[name], states) for name in names],
    )


def _count(label: str, wanted: str | None, contents: Sequence[str], states: Mapping[str, State]) -> Count:
    stances = list(_applying(contents, states))
    rejected = stances.count("rejected")
    return Count(label, wanted, len(contents) - rejected, stances.count("accepted"), stances.count("edited"), rejected)


def _applying(contents: Iterable[str], states: Mapping[str, State]) -> Iterable[str]:
    for content in contents:
        state = states.get(content)
        if state is not None and state.applies is not None:
            yield state.applies.stance


def _shown(state: State | None, who: str, show: Show) -> bool:
    match show:
        case "all":
            return True
        case "open":
            return state is None or who not in state.opinions
        case "skipped":
            return state is not None and who in state.skipped
        case "disputed":
            return state is not None and state.conflict is not None
        case "written":
            return state is not None and state.written
        case _:  # what others say is not told to who has said nothing
            return state is not None and who in state.opinions and any(each.stance == show for each in state.opinions.values())
