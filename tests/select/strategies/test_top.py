import numpy as np

from thousand.select.strategies.top import top


def test_the_best_come_first_and_equals_in_their_order():
    picks = top(np.array([0.2, 0.9, 0.5, 0.9]), 3)
    assert picks.rows.tolist() == [1, 3, 2]
    assert picks.gains.tolist() == [0.9, 0.9, 0.5]
