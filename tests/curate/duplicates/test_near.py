"""Near copies: all of them found, none dropped but against a survivor it resembles, and the better one stays."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.duplicates import pools
from tests.curate.duplicates.pools import WORDS, copies, greedy, jaccard, missed, mixed, sound, template
from thousand import tables
from thousand.curate.duplicates import near, prepare, survivors
from thousand.curate.duplicates.near import band_width
from thousand.engine import Processes
from thousand.recipe import Duplicates


def test_a_near_copy_is_dropped_with_its_similarity(tmp_path):
    long = " ".join(WORDS[:30])
    twin, similarity = copies(tmp_path, [long, f"{long} more", "something else altogether"], kind="near")
    assert twin.tolist() == [-1, 0, -1]
    assert similarity[1] == 28 / 29  # 28 trigrams in common, one more in the second


@pytest.mark.parametrize("texts", [[], [""], ["", "", "..."], ["hi", "hi", "yo"], ["a b", "a b c", "a b c d", "A, b!"]])
def test_few_and_short_texts(texts, tmp_path):
    twin, similarity = copies(tmp_path, texts, kind="near", threshold=0.5)
    expected = greedy(texts, range(len(texts)), 0.5)
    assert twin.tolist() == expected[0]
    assert np.array_equal(similarity, expected[1], equal_nan=True)


@pytest.mark.parametrize("threshold", [1.0, 0.9, 0.8, 0.5, 0.3])
@pytest.mark.parametrize("seed", [0, 1])
def test_almost_nothing_similar_survives_and_nothing_else_is_dropped(threshold, seed, tmp_path):
    texts = mixed(seed)
    priority = random.Random(seed).sample(range(300), 300)
    twin, similarity = copies(tmp_path, texts, priority, kind="near", threshold=threshold)
    dropped = sum(each >= 0 for each in greedy(texts, priority, threshold)[0])
    assert dropped >= 20
    assert sound(texts, priority, twin, similarity, threshold)
    assert len(missed(texts, twin, threshold)) <= 0.02 * dropped


@pytest.mark.parametrize("crowd", [2, 64])
def test_in_crowds_as_out_of_them(crowd, tmp_path, monkeypatch):
    """With crowds from three alike on, the other way of finding survivors comes to the same."""
    monkeypatch.setattr(near, "CROWD", crowd)
    texts = mixed(5) + template(5, 100, 2)
    priority = random.Random(5).sample(range(400), 400)
    twin, similarity = copies(tmp_path, texts, priority, kind="near")
    expected = greedy(texts, priority, 0.8)
    assert (tables.count(tmp_path / "prepared" / "crowd.parquet") >= 100) == (crowd == 2)
    assert twin.tolist() == expected[0]
    assert np.array_equal(similarity, expected[1], equal_nan=True)


def test_nothing_is_dropped_through_a_chain(tmp_path):
    a, b, c = " ".join(WORDS[:30]), " ".join(WORDS[4:34]), " ".join(WORDS[8:38])  # 24 of 32 trigrams in common, then 20 of 36
    assert jaccard(a, b) == jaccard(b, c) == 0.75
    (tmp_path / "other").mkdir()
    assert copies(tmp_path, [a, b, c], [0, 1, 2], kind="near", threshold=0.7)[0].tolist() == [-1, 0, -1]  # c is like b alone, and b is gone
    assert copies(tmp_path / "other", [a, b, c], [1, 0, 2], kind="near", threshold=0.7)[0].tolist() == [1, -1, 1]


def test_an_exact_copy_of_a_dropped_text_is_dropped_against_the_same_survivor(tmp_path):
    long = " ".join(WORDS[:30])
    twin, similarity = copies(tmp_path, [long, f"{long} more", f"{long.upper()} -- more!", "other"], [0, 2, 1, 3], kind="near")
    assert twin.tolist() == [-1, 0, 0, -1]
    assert similarity.tolist()[1:3] == [28 / 29, 28 / 29]


def test_another_priority_needs_no_second_preparation(tmp_path):
    long = " ".join(WORDS[:30])
    copies(tmp_path, [long, f"{long} more", long], kind="near")
    again = survivors(tmp_path / "prepared", Duplicates(kind="near", over="response"), [1, 0, 2])
    assert again[0].tolist() == [1, -1, 1]


@settings(max_examples=9, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.permutations(range(60)), st.sampled_from(["near", "exact", "semantic"]))
def test_the_order_of_the_rows_changes_nothing(tmp_path_factory, seed, order, kind):
    texts = mixed(seed, 60)
    priority = random.Random(seed).sample(range(60), 60)
    twin, similarity = copies(tmp_path_factory.mktemp("a"), texts, priority, kind=kind)
    there, likeness = copies(tmp_path_factory.mktemp("b"), [texts[i] for i in order], [priority[i] for i in order], kind=kind)
    assert [order[each] if each >= 0 else -1 for each in there] == twin[list(order)].tolist()
    assert np.array_equal(likeness, similarity[list(order)], equal_nan=True)


def test_several_processes_find_the_same(tmp_path):
    texts = mixed(3, 190)
    alone = copies(tmp_path, texts, kind="near")
    chosen = Duplicates(kind="near", over="response")
    prepare(tmp_path / "candidates", "digest", tmp_path / "again", chosen, lambda rows: None, Processes(2))
    together = survivors(tmp_path / "again", chosen, range(190))
    assert all(np.array_equal(one, other, equal_nan=True) for one, other in zip(alone, together, strict=True))


def test_many_alike_do_not_take_long(tmp_path):
    story = " ".join(WORDS[:100])
    texts = [f"{story} told by number {i}" for i in range(2000)] + [story.upper()] * 1000 + [f"id {i}" for i in range(1000)]
    started = time.process_time()
    twin, _ = copies(tmp_path, texts, kind="near")
    assert time.process_time() - started < 6
    assert (twin[:3000] >= 0).sum() == 2999
    assert (twin[3000:] == -1).all()


@pytest.mark.parametrize(("threshold", "width"), [(1.0, 18), (0.9, 9), (0.8, 6), (0.5, 3), (0.3, 2), (0.1, 1)])
def test_bands_are_as_wide_as_the_recall_allows(threshold, width):
    assert band_width(threshold) == width


def test_a_side_is_compared_by_itself(tmp_path):
    prompts = ["Who built it?", "who built IT", "Who sold it?"]
    texts = [" ".join(WORDS[:20]), " ".join(WORDS[40:60]), " ".join(WORDS[:20])]
    for i, (over, twins) in enumerate({"prompt": [-1, 0, -1], "response": [-1, -1, 0], "both": [-1, -1, 0]}.items()):
        folder = tmp_path / str(i)
        assert copies(folder, texts, prompts=prompts, kind="near", over=over, threshold=0.6)[0].tolist() == twins


def test_pools_are_what_they_are_said_to_be():
    assert pools.words("The old, OLD bridge!") == ["the", "old", "old", "bridge"]
    assert greedy(["a b c", "A b c", "x"], [1, 0, 2], 0.8)[0] == [1, -1, -1]
