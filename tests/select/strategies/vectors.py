"""Vectors for tests of strategies: unit length, at fixed point, as a recipe offers them."""

import numpy as np
from hypothesis import strategies as st

from thousand.embedding import exact, unit


def fixed(vectors):
    return exact(unit(np.asarray(vectors, dtype=np.float64)))


def cloud(count, dimensions=16, clusters=8, seed=0, spread=0.5):
    """Rows about some centres, the first of which have the most; their quality; and which centre each is about."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, clusters + 1)
    of = rng.choice(clusters, count, p=share / share.sum())
    centres = rng.normal(size=(clusters, dimensions)) / np.sqrt(dimensions)
    return fixed(centres[of] + spread * rng.normal(size=(count, dimensions)) / np.sqrt(dimensions)), rng.random(count), of


@st.composite
def problems(draw, distinct=False):
    """Vectors and a quality with ties: few rows in few dimensions, many of them alike, all different if ``distinct``."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, dimensions = draw(st.integers(1, 24)), draw(st.integers(1, 5))
    vectors = fixed(rng.normal(size=(count, dimensions)))
    if draw(st.booleans()):
        vectors = fixed(np.round(rng.normal(size=(count, dimensions))))
    vectors = np.unique(vectors, axis=0)[rng.permutation(len(np.unique(vectors, axis=0)))] if distinct else vectors
    quality = rng.random(len(vectors)) if draw(st.booleans()) else rng.integers(0, 3, len(vectors)) / 2
    return vectors, quality
