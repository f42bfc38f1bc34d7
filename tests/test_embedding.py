"""Vectors of texts: unit length, likeness where words are shared, and the same every time."""

import json
import random

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.embedding import Kept, SentenceTransformer, Tfidf, embedder, exact, unit
from thousand.errors import RecipeError

TOPICS = ["bread flour oven crust yeast", "river boat water fish bridge", "engine wheel road petrol brake"]


def corpus(count=60):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(TOPICS[i % 3].split(), 4)) + f" number{i % 20}" for i in range(count)]


def sentence_model(folder):
    """A sentence-transformers model of few words: a text's vector is the mean of its words', which stand at right angles."""
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    vocabulary = {word: i for i, word in enumerate(["[UNK]", *" ".join(TOPICS).split()])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    weights = np.eye(len(vocabulary), dtype=np.float32)
    static = library.sentence_transformer.modules.StaticEmbedding(tokenizer, embedding_weights=weights)
    library.SentenceTransformer(modules=[static], device="cpu").save_pretrained(str(folder))
    return folder


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=30), max_size=12), st.integers(1, 6))
def test_any_texts_become_vectors_of_length_one_or_zero(texts, dimensions):
    vectors = Tfidf(dimensions).encode(texts)
    assert vectors.dtype == np.float32
    assert len(vectors) == len(texts)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))


def test_reduced_vectors_have_so_many_dimensions_and_unit_length():
    vectors = Tfidf(8).encode(corpus())
    assert vectors.shape == (60, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_texts_of_one_topic_are_nearer_to_each_other():
    vectors = Tfidf(8).encode(corpus())
    likeness = vectors @ vectors.T
    same = np.equal.outer(np.arange(60) % 3, np.arange(60) % 3)
    assert likeness[same].mean() > likeness[~same].mean() + 0.4


@pytest.mark.parametrize("dimensions", [2, 128])
def test_a_text_without_a_word_is_a_vector_of_zeros(dimensions):
    vectors = Tfidf(dimensions).encode([*corpus(), "", "?!"])
    assert not vectors[-2:].any()
    assert vectors[:-2].any(axis=1).all()


def test_texts_that_all_have_no_word_are_zeros_too():
    assert not Tfidf().encode(["", "?!"]).any()
    assert Tfidf().encode([]).shape[0] == 0


def test_one_text_is_enough():
    assert Tfidf().encode(["only this"]) @ Tfidf().encode(["only this"]).T == pytest.approx(1, abs=1e-6)


def test_fewer_texts_than_dimensions_stay_unreduced():
    vectors = Tfidf(128).encode(["red apple", "red apple", "blue plum"])
    assert vectors @ vectors.T == pytest.approx(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), abs=1e-6)


@pytest.mark.parametrize("dimensions", [8, 128])
def test_equal_texts_have_equal_vectors_every_time(dimensions):
    first, second = (Tfidf(dimensions).encode([*corpus(), corpus()[0]]) for _ in range(2))
    assert np.array_equal(first, second)
    assert first[0] == pytest.approx(first[-1], abs=1e-6)


def test_unit_leaves_zero_and_scales_the_rest():
    assert unit(np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]])) == pytest.approx(np.array([[0.6, 0.8], [0, 0], [-1, 0]]))


@st.composite
def unit_vectors(draw):
    """(n, d) unit vectors: of noise, of many zeros, or along one axis, and the generator they came from."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, dimensions = draw(st.integers(1, 40)), draw(st.sampled_from([1, 3, 64, 384, 1024]))
    vectors = rng.normal(size=(count, dimensions)) * (rng.random((count, dimensions)) < draw(st.sampled_from([1.0, 0.05])))
    vectors[:, 0] += draw(st.sampled_from([0.0, 100.0]))
    return unit(vectors), rng


@settings(max_examples=60, deadline=None, derandomize=True)
@given(unit_vectors())
def test_inner_products_of_exact_vectors_are_the_same_in_whatever_order_and_pieces_they_are_summed(drawn):
    vectors, rng = drawn
    fixed = exact(vectors)
    assert fixed.dtype == np.float32
    steps = np.rint(vectors.astype(np.float64) * 2048).astype(np.int64)
    truth = steps @ steps.T / 2048**2  # whole numbers: no rounding
    order = rng.permutation(vectors.shape[1])
    cut, half = rng.integers(0, vectors.shape[1] + 1), len(vectors) // 2
    whole = fixed @ fixed.T
    assert np.array_equal(whole, truth)
    assert np.array_equal(fixed[:, order] @ np.ascontiguousarray(fixed[:, order]).T, whole)
    assert np.array_equal(fixed[:, :cut] @ fixed[:, :cut].T + fixed[:, cut:] @ fixed[:, cut:].T, whole)
    assert np.array_equal(np.concatenate([fixed[:half] @ fixed.T, fixed[half:] @ fixed.T]), whole)
    assert np.array_equal(np.stack([(fixed * row).sum(axis=1) for row in fixed]), whole)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(unit_vectors())
def test_exact_vectors_are_as_near_as_rounding_allows(drawn):
    vectors, _ = drawn
    off = np.sqrt(vectors.shape[1]) / 4096  # each entry by at most half a step
    error = np.abs(exact(vectors).astype(np.float64) @ exact(vectors).T - vectors.astype(np.float64) @ vectors.T)
    assert error.max() <= off * (2 + off) + 1e-6


def test_the_usual_error_of_a_cosine_is_some_ten_thousandths():
    vectors = unit(np.random.default_rng(0).normal(size=(500, 128)))
    error = np.abs(exact(vectors).astype(np.float64) @ exact(vectors).T - vectors.astype(np.float64) @ vectors.T)
    assert 1e-4 < error.mean() < 3e-4
    assert np.array_equal(exact(exact(vectors)), exact(vectors))
    assert not exact(np.zeros((1, 3), dtype=np.float32)).any()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([8, 128]))
def test_the_order_of_the_texts_changes_no_vector(seed, dimensions):
    texts = [*corpus(), "", "red apple"]
    order = random.Random(seed).sample(range(len(texts)), len(texts))
    assert np.array_equal(Tfidf(dimensions).encode([texts[i] for i in order]), Tfidf(dimensions).encode(texts)[order])


def test_what_is_fitted_to_some_texts_encodes_others_in_pieces():
    fitted = Tfidf(8).fit(corpus())
    others = [*corpus()[:5], "bread and river", "nothing known"]
    whole = fitted.encode(others)
    assert np.array_equal(whole, np.concatenate([fitted.encode(others[:3]), fitted.encode(others[3:])]))
    assert np.array_equal(whole[:5], Tfidf(8).encode(corpus())[:5])
    assert not whole[-1].any()


def test_a_sentence_transformers_model_gives_unit_vectors(tmp_path):
    model = embedder(sentence_model(tmp_path))
    vectors = model.encode(["bread flour", "flour bread", "river bread", "river boat"])
    assert vectors.dtype == np.float32
    assert vectors[0] @ vectors.T == pytest.approx([1, 1, 0.5, 0])
    assert model.encode([]).shape == (0, vectors.shape[1])
    assert embedder(tmp_path) is model


def test_a_folder_that_is_no_model_is_said_to_be_none(tmp_path):
    with pytest.raises(RecipeError, match="no sentence-transformers model"):
        SentenceTransformer(tmp_path)
    (tmp_path / "modules.json").write_text('{"not": "a list"}')
    with pytest.raises(RecipeError, match="no sentence-transformers model"):
        SentenceTransformer(tmp_path)


def test_a_model_that_wants_code_of_its_own_is_refused(tmp_path):
    (tmp_path / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]))
    with pytest.raises(RecipeError, match=r"not sentence-transformers' own: evil\.Module"):
        SentenceTransformer(tmp_path)


def test_a_model_without_its_weights_is_refused(tmp_path):
    folder = sentence_model(tmp_path)
    for file in folder.rglob("*.safetensors"):
        file.unlink()
    with pytest.raises(RecipeError, match="cannot be loaded"):
        SentenceTransformer(folder)


class Counting:
    """Knows how often each text was encoded."""

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_kept_vectors_are_those_of_the_texts_and_no_text_is_encoded_twice(tmp_path):
    inner = Counting()
    first = Kept(inner, tmp_path / "kept", "one")
    assert first.encode(["a", "bb", "a"])[:, 0].tolist() == [1, 2, 1]
    assert first.encode(["bb", "ccc", "\ud800"])[:, 0].tolist() == [2, 3, 1]
    again = Kept(inner, tmp_path / "kept", "one")
    assert again.encode(["\ud800", "ccc", "a"])[:, 0].tolist() == [1, 3, 1]
    assert again.encode([]).shape == (0, 2)
    assert inner.asked == ["a", "bb", "ccc", "\ud800"]
    assert Kept(inner, tmp_path / "kept", "another").encode(["a"]).shape == (1, 2)
    assert inner.asked[-1] == "a"


def test_vectors_whose_keys_were_not_written_are_as_if_they_had_not_been(tmp_path):
    Kept(Counting(), tmp_path, "one").encode(["a"])
    (tmp_path / "00000.keys.npy").unlink()
    inner = Counting()
    assert Kept(inner, tmp_path, "one").encode(["a"]).tolist() == [[1, 1]]
    assert inner.asked == ["a"]
