"""Nearest earlier picks and displaced rows, against the definition, over one block and several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.embedding import exact, unit
from thousand.select import neighbours


@st.composite
def rows_and_picks(draw):
    """Vectors, many of them alike and some zero, and picks among them."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, dimensions = draw(st.integers(1, 40)), draw(st.integers(1, 4))
    vectors = exact(unit(rng.integers(-2, 3, (count, dimensions)).astype(np.float32)))
    return vectors, rng.permutation(count)[: draw(st.integers(0, count))]


@pytest.fixture(params=[4096, 3], autouse=True)
def block(request, monkeypatch):
    monkeypatch.setattr(neighbours, "_BLOCK", request.param)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(rows_and_picks())
def test_the_nearest_earlier_pick_is_the_first_of_the_nearest(problem):
    vectors, picks = problem
    near = vectors[picks]
    at, likeness = neighbours.earlier(near)
    assert len(at) == len(likeness) == len(picks)
    for rank in range(len(picks)):
        if rank == 0:
            assert at[0] == -1
            assert np.isnan(likeness[0])
        else:
            cosines = near[:rank] @ near[rank]
            assert at[rank] == cosines.argmax()
            assert likeness[rank] == cosines.max()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(rows_and_picks())
def test_every_other_row_stands_behind_the_first_of_its_nearest_picks(problem):
    vectors, picks = problem
    found = neighbours.displaced(vectors, picks)
    behind = [[] for _ in picks]
    for row in sorted(set(range(len(vectors))) - set(picks.tolist())) if len(picks) else []:
        cosines = vectors[picks] @ vectors[row]
        behind[cosines.argmax()].append((-cosines.max(), row))
    assert found.counts.tolist() == [len(each) for each in behind]
    assert found.nearest == [[row for _, row in sorted(each)[:3]] for each in behind]
