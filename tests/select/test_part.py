"""What is taken from a part is taken from the whole, and by its rules."""

import numpy as np

from thousand.select.budget import Budget, Quota
from thousand.select.part import Part


def test_rows_of_a_part_are_taken_from_the_whole():
    whole = Budget(6, 3, first=[4])
    part = Part(whole, np.array([1, 3, 4]))
    assert part.taken == [2]
    assert part.open.tolist() == [True, True, False]
    assert part.take(1)
    assert not part.take(1)
    assert (whole.taken, part.taken, part.left, part.full) == ([4, 3], [2, 1], 1, False)
    assert part.take(0)
    assert part.full
    assert whole.full


def test_a_part_is_full_when_it_has_nothing_to_give_though_the_whole_has():
    whole = Budget(4, 3)
    part = Part(whole, np.array([2]))
    part.walk([0])
    assert part.full
    assert not whole.full


def test_the_promises_of_the_whole_hold():
    whole = Budget(4, 2, quotas=[Quota("quota.mine", np.array([True, True, False, False]), 1, 1)])
    part = Part(whole, np.array([0, 1, 2]))
    part.walk([0, 1, 2])
    assert whole.taken == [0, 2]


def test_tokens_are_those_of_the_whole():
    whole = Budget(3, None, costs=np.array([5, 3, 2]), tokens=6)
    part = Part(whole, np.array([0, 1]))
    assert part.take(1)
    assert part.open.tolist() == [False, False]
    assert part.tokens_left == whole.tokens_left == 3
