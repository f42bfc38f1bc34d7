"""Whose work a set is, and how long it took."""

import pytest

from tests.desk.examples import WRITTEN, WRITTEN_ID, event, said
from thousand.desk.account import account
from thousand.desk.decisions import fold


def at(minute: int, second: int = 0) -> dict[str, str]:
    return {"at": f"2026-03-01T{12 + minute // 60}:{minute % 60:02d}:{second:02d}+00:00"}


EVENTS = [
    event(1, "ann", "accept", "aaaa", **at(0)),
    event(2, "ann", "edit", "bbbb", said("B"), **at(2)),
    event(3, "ann", "undo", "aaaa", **at(3, 30)),
    event(4, "ann", "reject", "aaaa", **at(8, 30)),  # five minutes later: still at it
    event(5, "ann", "write", WRITTEN_ID, WRITTEN, **at(60)),  # after lunch
    event(6, "ann", "accept", "cccc", **at(61)),
    event(7, "bob", "accept", "bbbb", **at(1)),
    event(8, "bob", "reject", "cccc", **at(1, 30)),
    event(9, "bob", "verdict", "item", {"task": "pair"}, **at(2)),
]


def test_the_account_counts_what_each_says_and_what_applies():
    found = account(EVENTS, fold(EVENTS))
    ann, bob = found.people
    assert (ann.who, ann.accepted, ann.edited, ann.rejected, ann.written) == ("ann", 1, 1, 1, 1)
    assert (bob.who, bob.accepted, bob.edited, bob.rejected, bob.written) == ("bob", 1, 0, 1, 0)
    assert (found.accepted, found.edited, found.rejected, found.written, found.conflicts) == (0, 1, 1, 1, 1)


def test_minutes_are_between_events_and_a_break_is_none():
    found = account(EVENTS, fold(EVENTS))
    assert [each.minutes for each in found.people] == [pytest.approx(2 + 1.5 + 5 + 1), pytest.approx(0.5)]
    assert found.minutes == pytest.approx(10)


def test_the_account_can_be_read_and_nobodys_is_nothing():
    assert account(EVENTS, fold(EVENTS)).sentence() == (
        "0 accepted, 1 edited, 1 rejected, 1 written. 1 are in conflict and wait to be settled.\n"
        "ann: 1 accepted, 1 edited, 1 rejected, 1 written, 10 minutes\n"
        "bob: 1 accepted, 0 edited, 1 rejected, 0 written, 0 minutes"
    )
    assert account([], fold([])).sentence() == "0 accepted, 0 edited, 0 rejected, 0 written."
