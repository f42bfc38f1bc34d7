"""Semantic copies: exact, whatever the order of the rows."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.duplicates.pools import copies
from tests.test_embedding import sentence_model
from thousand.curate.duplicates import semantic
from thousand.curate.duplicates.semantic import thin
from thousand.embedding import unit
from thousand.errors import RecipeError


def vectors_of(seed, count=400, dimensions=48, *, aside=0.0):
    """Unit vectors of which a third are near others; ``aside`` shifts all of them in one direction."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, dimensions)) + aside
    for row in range(count // 3, count, 3):
        source = vectors[rng.integers(row)]
        vectors[row] = source + rng.standard_normal(dimensions) * np.linalg.norm(source) / np.sqrt(dimensions) * rng.uniform(0, 0.6)
    return unit(vectors)


def all_pairs(vectors, rank, threshold):
    """By comparing each with all survivors, in double precision."""
    exact = vectors.astype(np.float64)
    exact /= np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-300)
    twin, kept = np.full(len(rank), -1), []
    for row in np.argsort(rank):
        similar = [survivor for survivor in kept if exact[row] @ exact[survivor] >= threshold - 1e-9]
        twin[row] = similar[0] if similar else -1
        kept += [] if similar else [row]
    return twin


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.9, 0.95]), st.sampled_from([0.0, 2.0]))
def test_the_result_is_that_of_comparing_all_with_all(seed, threshold, aside):
    vectors = vectors_of(seed, aside=aside)
    rank = np.random.default_rng(seed).permutation(len(vectors))
    with pytest.MonkeyPatch.context() as small:  # so that there are many blocks
        small.setattr(semantic, "_BLOCK", 32)
        small.setattr(semantic, "_SURVIVORS_AT_ONCE", 48)
        small.setattr(semantic, "_PAIRS_AT_ONCE", 100)
        twin, similarity = thin(vectors, rank, threshold)
    assert twin.tolist() == all_pairs(vectors, rank, threshold).tolist()
    for row in np.flatnonzero(twin >= 0):
        assert similarity[row] == pytest.approx(float(vectors[row].astype(float) @ vectors[twin[row]].astype(float)), abs=1e-6)
    assert np.isnan(similarity[twin < 0]).all()


def test_shuffling_changes_nothing_even_at_the_threshold():
    """Thousands of pairs within a millionth of the threshold, where products in single precision differ with their place."""
    rng = np.random.default_rng(0)
    base = unit(rng.standard_normal((40, 64)))
    away = rng.standard_normal((40, 60, 64))
    away -= (away @ base[:, :, None]) * base[:, None]
    away /= np.linalg.norm(away, axis=2, keepdims=True)
    cosine = 0.95 + rng.uniform(-1e-6, 1e-6, (40, 60, 1))
    near = cosine * base[:, None] + np.sqrt(1 - cosine**2) * away
    vectors = np.concatenate([base, unit(near.reshape(-1, 64))])
    rank = np.arange(len(vectors))
    twin, similarity = thin(vectors, rank, 0.95)
    assert 500 < (twin >= 0).sum() < 1900
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(vectors))
        there, likeness = thin(vectors[order], rank[order], 0.95)
        assert np.array_equal(np.where(there < 0, -1, order[there]), twin[order])
        assert np.array_equal(likeness, similarity[order], equal_nan=True)


def test_vectors_of_zeros_are_similar_to_none_and_a_vector_to_itself():
    vectors = np.array([[0, 0, 0], [0, 0, 0], [0.6, 0.8, 0], [0.6, 0.8, 0], [0.36, 0.48, 0.8]], dtype=np.float32)
    assert thin(vectors, np.arange(5), 1.0)[0].tolist() == [-1, -1, -1, 2, -1]
    assert thin(vectors, np.arange(5), 0.5999)[0].tolist() == [-1, -1, -1, 2, 2]
    assert thin(vectors, np.arange(5), 0.6001)[0].tolist() == [-1, -1, -1, 2, -1]


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(count):
    assert thin(np.ones((count, 1), dtype=np.float32), np.arange(count), 0.9)[0].tolist() == [-1] * count


def test_the_same_words_in_another_order_are_copies(tmp_path):
    texts = ["the old stone bridge over the river", "over the river the old stone bridge", "a recipe for bread", "...", "...", ""]
    twin, similarity = copies(tmp_path, texts, kind="semantic", threshold=0.7)
    assert twin.tolist() == [-1, 0, -1, -1, -1, -1]
    assert 0.7 <= similarity[1] < 1


def test_texts_in_many_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(semantic, "_TEXTS_IN_PART", 16)
    rng = random.Random(0)
    texts = [" ".join(rng.choices([f"w{i}" for i in range(300)], k=20)) for _ in range(200)]
    texts += [" ".join(rng.sample(text.split(), 20)) for text in texts[:50]]
    twin, _ = copies(tmp_path, texts, kind="semantic", threshold=0.6)
    assert len(list((tmp_path / "prepared" / "vectors").iterdir())) == 16
    assert twin[:200].tolist() == [-1] * 200
    assert sum(int(twin[200 + i]) == i for i in range(50)) >= 45


def test_a_model_of_ones_own(tmp_path):
    folder = sentence_model(tmp_path / "model")
    texts = ["bread flour", "flour bread", "river boat", "boat", "bread bread flour"]
    twin, similarity = copies(tmp_path, texts, [4, 1, 2, 3, 0], kind="semantic", threshold=0.99, model=str(folder))
    assert twin.tolist() == [1, -1, -1, -1, -1]
    assert similarity[0] == pytest.approx(1)


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere.*no sentence-transformers model"):
        copies(tmp_path, ["a"], kind="semantic", model=str(tmp_path / "nowhere"))
