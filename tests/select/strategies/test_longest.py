import numpy as np

from thousand.select.strategies.longest import longest


def test_the_longest_come_first_and_equals_in_their_order():
    picks = longest(np.array([3.0, 7.0, 5.0, 7.0]), 3)
    assert picks.rows.tolist() == [1, 3, 2]
    assert picks.gains.tolist() == [7, 7, 5]
