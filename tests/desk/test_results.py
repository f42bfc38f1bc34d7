"""What people's verdicts come to, worked by hand."""

from __future__ import annotations

import pytest

from tests.desk.judged import pairs
from thousand.desk.blind import Shown
from thousand.desk.items import Answer, Item
from thousand.desk.results import Counts, results
from thousand.desk.verdicts import Heard, Said

ITEMS = pairs(1, 4)


def told(who, *words, order="ab", seconds=3.0):
    """What somebody says of the items in a row; None is not judged."""
    return [Said(who, Shown(item, order), word, seconds) for item, word in zip(ITEMS, words, strict=False) if word]


def heard(*said, again=()):
    return Heard([each for own in said for each in own], list(again), 0)


def test_a_pair_counts_once_by_what_most_say_and_once_by_who_was_first():
    """Together: won, tied (a beside a tie), won, lost. By ann, who was first: won, won, won, lost."""
    found = results(heard(told("ann", "first", "first", "first", "second"), told("ben", "first", "neither")))
    (versus,) = found.versus
    assert (versus.arm, versus.together, versus.first) == ("other-0", Counts(2, 1, 1), Counts(3, 0, 1))
    assert versus.together.n == versus.wins.net.n == 4
    assert versus.wins.net.value == pytest.approx(0.25)
    assert versus.wins.win_rate.value == pytest.approx(0.625)


def test_agreement_of_the_first_two_beside_chance():
    """(a, a), (a, tie), (tie, b), (b, b): 1 + 0.5 + 0.5 + 1 of 4. Habits: ann 2 a, 1 tie, 1 b; ben 1 a, 1 tie, 2 b of 4.
    Chance: both alike 2 x 1 + 1 x 1 + 1 x 2 = 5 of 16; one tie 1 x (1 + 2) + 1 x (2 + 1) = 6 of 16 by half: 8 / 16.
    Kappa: (2/4 - 5/16) / (1 - 5/16) = 3/11.
    """
    words = [("first", "first"), ("first", "neither"), ("neither", "second"), ("second", "second")]
    found = results(heard(told("ann", *[a for a, _ in words]), told("ben", *[b for _, b in words])))
    for agreement, kappa in ((found.versus[0].agreement, found.versus[0].kappa), (found.overall, found.overall_kappa)):
        assert (agreement.n, agreement.value, agreement.chance) == (4, 0.75, 0.5)
        assert kappa.value == pytest.approx(3 / 11)
    (between,) = found.between
    assert (between.one, between.other, between.credit.value, between.same.value) == ("ann", "ben", 0.75, 0.5)


def test_a_third_judge_and_one_who_could_not_tell_change_no_first_two():
    found = results(heard(told("ann", "unsure"), told("ben", "first"), told("cat", "first"), told("dan", "second")))
    assert (found.overall.n, found.overall.value) == (1, 1.0)
    assert found.versus[0].together == Counts(1, 0, 0)
    assert [(each.name, each.verdicts, each.unsure) for each in found.people][:2] == [("ann", 1, 1), ("ben", 1, 0)]


def test_who_always_takes_the_first_is_seen():
    """Two of each side: the first wins always, and shown again with the sides exchanged nothing agrees."""
    said = [*told("ann", "first", "first"), *told("ann", None, None, "first", "first", order="ba")]
    again = [
        (each, Said("ann", Shown(each.shown.item, "ba" if each.shown.order == "ab" else "ab", again=True), "first", 9.0)) for each in said
    ]
    (person,) = results(heard(said, again=again)).people
    assert (person.first.value, person.position.value, person.repeats) == (1.0, 1.0, 4)
    assert (person.same.n, person.same.value, person.kappa.value) == (4, 0.0, -1.0)
    assert person.seconds == 6.0  # the median of 3, 3, 3, 3, 9, 9, 9, 9
    assert results(heard(said)).versus[0].together == Counts(2, 0, 2)


def test_grades_are_means_of_answers_and_shares_of_verdicts():
    """Prompt 0: 4 and 2 by two people; prompt 1: 6. Each prompt weighs the same."""
    answers = [Item("grade", f"p{i}", 0, "q", (Answer("claim", 0, f"{i}"),)) for i in (0, 1)]
    said = [Said("ann", Shown(answers[0], None), "4"), Said("ben", Shown(answers[0], None), "2"), Said("ann", Shown(answers[1], None), "6")]
    (graded,) = results(heard(said)).graded
    assert (graded.arm, graded.mean.value, graded.mean.n) == ("claim", 4.5, 2)
    assert {word: share.value for word, share in graded.shares} == {"1": 0, "2": 0.25, "3": 0, "4": 0.25, "5": 0, "6": 0.5}


def test_nothing_said_is_no_error():
    found = results(heard())
    assert (found.versus, found.people, found.overall.value) == ([], [], None)
    assert found.overall.reason
