"""Rows that lag behind change nothing: the block is made tiny, so that almost all do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import cloud, problems
from thousand.select import farthest as module
from thousand.select.budget import Budget, Quota
from thousand.select.distinct import Distinct, SameVector
from thousand.select.farthest import farthest


def plain(vectors, base, scale, offset, floor, rows):
    """The loop that the function stands for."""
    picked, worths = list(rows.budget.taken), []
    while (allowed := rows.open).any():
        worth = base - scale * (vectors @ vectors[picked].T - offset[picked]).max(axis=1, initial=floor)
        row = int(np.argmax(np.where(allowed, worth, -np.inf)))
        if rows.take(row):
            worths.append(worth[row])
            picked.append(row)
    return worths


def both(vectors, base, scale, offset, floor, budget):
    found = []
    for function in (plain, farthest):
        rows = Distinct(budget(), SameVector(vectors))
        worths = function(vectors, base, scale, offset, floor, rows)
        found.append((rows.budget.taken, worths))
    return found


@settings(deadline=None, derandomize=True, max_examples=100)
@given(problems(), st.sampled_from([1, 2, 3, 7]), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([-9.0, 0.0]), st.integers(0, 24))
def test_the_choice_is_that_of_the_plain_loop(problem, active, scale, floor, budget):
    vectors, quality = problem
    before, module._ACTIVE = module._ACTIVE, active
    try:
        offset = np.linspace(0, 1, len(vectors), dtype=np.float32)
        (rows, worths), (found, gains) = both(vectors, quality, scale, offset, floor, lambda: Budget.of(budget, len(vectors)))
    finally:
        module._ACTIVE = before
    assert found == rows
    assert gains == pytest.approx(worths)


@pytest.mark.parametrize("active", [16, 300])
def test_with_quotas_and_rows_that_must_be_included(monkeypatch, active):
    monkeypatch.setattr(module, "_ACTIVE", active)
    vectors, quality, of = cloud(1500, seed=4)
    quotas = [Quota(f"q{each}", of == each, 2, 12) for each in range(8)]
    offset = np.zeros(1500, dtype=np.float32)
    (rows, _), (found, _) = both(vectors, quality, 0.7, offset, 0.0, lambda: Budget(1500, 60, quotas=quotas, first=[5, 9]))
    assert found == rows
    assert len(rows) == 60


def test_rows_far_below_the_top_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(module, "_ACTIVE", 64)
    compared = []
    highest = module.highest
    monkeypatch.setattr(module, "highest", lambda vectors, *rest: compared.append(len(vectors)) or highest(vectors, *rest))
    vectors, quality, _ = cloud(5000)
    farthest(vectors, quality * 10, 1.0, np.zeros(5000, dtype=np.float32), 0.0, Distinct(Budget(5000, 20), SameVector(vectors)))
    assert sum(compared) < 2500
