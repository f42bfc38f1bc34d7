"""Which checkpoint is kept: the best rated over the prompts that all were rated on; of equals the earliest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.align import choose
from thousand.errors import DataError

NAN = np.nan


def test_the_best_rated_is_kept_and_not_the_one_of_lowest_perplexity():
    ratings = np.array([[1, 2, 1], [3, 4, 2], [3, 3, 2]], dtype=float)
    perplexity = np.array([2.0, 2.5, 3.0])
    made = choose([1, 2, 3], ratings, perplexity, "judged")
    assert made.epoch == 2
    assert made.rating.tolist() == pytest.approx([4 / 3, 3, 8 / 3])
    assert made.gain == pytest.approx(1 / 3)
    assert made.correlation == pytest.approx(0.5)  # ranks 1 3 2 against 1 2 3
    assert choose([1, 2, 3], ratings, perplexity, "perplexity").epoch == 1
    assert choose([1, 2, 3], ratings, perplexity, "last").epoch == 3


def test_of_equals_the_earliest_is_kept_whatever_the_last_digit_of_a_sum():
    ratings = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.0, 0.0, 0.0]])
    assert choose([4, 5, 6], ratings, None, "judged").epoch == 4
    assert choose([4, 5, 6], ratings[::-1], None, "judged").epoch == 5
    assert choose([1, 2], None, np.array([2.0, 2.0]), "perplexity").epoch == 1


def test_only_prompts_that_were_rated_in_every_epoch_are_compared():
    ratings = np.array([[6, 1, NAN], [NAN, 2, 6]])  # the first has 6 where the second has nothing, and the other way round
    made = choose([1, 2], ratings, None, "judged")
    assert (made.epoch, made.prompts) == (2, 1)
    assert made.intervals == [None, None]  # one prompt says nothing of others


@pytest.mark.parametrize(
    ("ratings", "perplexity", "by", "why"),
    [
        (None, np.ones(2), "judged", "no dev prompt was rated in every epoch"),
        (np.array([[1.0, NAN], [NAN, 1.0]]), np.ones(2), "judged", "no dev prompt was rated in every epoch"),
        (np.ones((2, 3)), None, "perplexity", "the perplexity of an epoch is not known"),
    ],
)
def test_without_anything_to_go_by_nothing_is_guessed(ratings, perplexity, by, why):
    with pytest.raises(DataError, match=why):
        choose([1, 2], ratings, perplexity, by)


def test_one_checkpoint_needs_nothing_to_go_by():
    assert choose([3], None, None, "judged").epoch == 3
    assert choose([3], np.array([[NAN]]), None, "judged").rating is None


def test_no_correlation_where_there_are_two_epochs_or_nothing_moves():
    assert choose([1, 2], np.array([[1.0], [2.0]]), np.array([2.0, 3.0]), "judged").correlation is None
    assert choose([1, 2, 3], np.ones((3, 4)), np.array([2.0, 3.0, 4.0]), "judged").correlation is None


@settings(deadline=None)
@given(arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(1, 6)))
def test_no_epoch_is_rated_above_the_one_that_is_kept_and_no_earlier_one_as_high(ratings):
    epochs = list(range(1, len(ratings) + 1))
    made = choose(epochs, ratings, None, "judged")
    means = ratings.mean(axis=1)
    at = made.epoch - 1
    assert means[at] == pytest.approx(means.max())
    assert (means[:at] < means[at] - 1e-10).all()
    shuffled = ratings[:, np.random.default_rng(0).permutation(ratings.shape[1])]
    assert choose(epochs, shuffled, None, "judged").epoch == made.epoch
