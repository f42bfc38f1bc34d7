"""Who reviewed how much, and how far they agree, worked by hand."""

from __future__ import annotations

import pytest

from tests.desk.examples import TEXTS, numbered
from thousand.desk.curators import agreement, work
from thousand.desk.decisions import fold

SAID = [
    ("ann", "accept", "aaaa", None), ("ben", "accept", "aaaa", None),
    ("ann", "accept", "bbbb", None), ("ben", "reject", "bbbb", None),
    ("ann", "reject", "cccc", None), ("ben", "reject", "cccc", None),
    ("ann", "edit", "dddd", TEXTS[1]), ("ben", "skip", "dddd", None),
    ("ann", "skip", "eeee", None),
    ("cat", "accept", "ffff", None),
]  # fmt: skip


def states():
    return fold(numbered(*SAID)).states.values()


def test_agreement_counts_who_puts_off_as_a_tie():
    """1 (both keep), 0 (keep, reject), 1 (both reject), 0.5 (keep, put off) of 4.
    Ann keeps 3 and rejects 1 of 4; ben keeps 1, rejects 2 and puts off 1: the same by chance (3 x 1 + 1 x 2) / 16,
    a tie beside a choice (3 + 1) x 1 / 16 by half: 7 / 16. Kappa: (2/4 - 5/16) / (1 - 5/16) = 3/11.
    """
    (found,) = agreement(states())
    assert (found.one, found.other, found.credit.n) == ("ann", "ben", 4)
    assert found.credit.value == pytest.approx(2.5 / 4)
    assert found.credit.chance == pytest.approx(7 / 16)
    assert found.kappa.value == pytest.approx(3 / 11)


def test_what_each_did():
    found = {each.name: each for each in work(states())}
    ann, ben = found["ann"], found["ben"]
    assert (ann.decided, ann.accepted, ann.edited, ann.written, ann.rejected, ann.skipped) == (4, 2, 1, 0, 1, 1)
    assert (ben.decided, ben.accepted, ben.rejected, ben.skipped) == (3, 1, 2, 1)
    assert (found["cat"].decided, found["cat"].last) == (1, "2026-03-01T12:00:10+00:00")


def test_nobody_and_one_alone_agree_with_nobody():
    assert (agreement([]), work([])) == ([], [])
    assert agreement(fold(numbered(SAID[0], SAID[2])).states.values()) == []
