"""What is learnt of a curator's taste, and how honestly it is told."""

from __future__ import annotations

import numpy as np
import pytest

from thousand.desk.taste import ENOUGH, Taste, features, learn


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(400, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    signals = random.normal(size=(400, 6))
    signals[random.random(signals.shape) < 0.1] = np.nan
    signals[:, 5] = np.nan  # measured nowhere
    return vectors, signals, features(vectors, signals)


def test_nothing_is_learnt_from_too_few(rows):
    table = rows[2]
    assert learn(table[: ENOUGH - 1], [True] * (ENOUGH - 1)) == "After 50 decisions; there are 49."
    assert learn(table[:60], [True] * 55 + [False] * 5) == "55 accepted and 5 rejected: 8 of each are needed."


@pytest.mark.filterwarnings("error")  # they would stand in the terminal of whoever runs the desk
def test_a_rule_over_a_signal_is_found_and_orders_what_was_not_seen(rows):
    _, signals, table = rows
    wanted = np.nan_to_num(signals[:, 0]) > 0.3
    taste = learn(table[:200], wanted[:200].tolist())
    assert isinstance(taste, Taste)
    assert taste.better
    assert taste.accuracy > taste.majority + 0.1
    assert taste.auc > 0.8
    chances = taste.chances(table[200:])
    assert chances[wanted[200:]].mean() > chances[~wanted[200:]].mean() + 0.2
    assert taste.sentence().startswith(f"{taste.accuracy:.0%} of 200 decisions foretold")


def test_chance_is_called_chance(rows):
    table = rows[2]
    better = 0
    for seed in range(6):
        taste = learn(table[:80], (np.random.default_rng(seed).random(80) < 0.5).tolist())
        assert isinstance(taste, Taste)
        better += taste.better
        assert taste.better or taste.sentence().startswith("No better than chance so far")
    assert better <= 1  # at 5% one in twenty


def test_it_is_the_same_every_time(rows):
    table = rows[2]
    wanted = (np.nan_to_num(rows[1][:, 1]) > 0).tolist()
    one, other = learn(table[:100], wanted[:100]), learn(table[:100], wanted[:100])
    assert isinstance(one, Taste)
    assert isinstance(other, Taste)
    assert (one.accuracy, one.auc) == (other.accuracy, other.auc)
    assert np.array_equal(one.chances(table), other.chances(table))


def test_a_missing_signal_is_said_and_an_outlier_does_not_matter(rows):
    vectors, signals, table = rows
    assert np.isfinite(table).all()
    assert table.shape == (400, 32 + 5 + 5)  # what is measured nowhere says nothing, nor that it is missing
    wild = signals.copy()
    wild[np.nanargmax(wild[:, 0]), 0] = 1e12
    assert np.array_equal(features(vectors, wild), table)
