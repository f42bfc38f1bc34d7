"""Exact copies: equal but for case, spacing and punctuation."""

import numpy as np
import pytest

from tests.curate.duplicates.pools import copies
from thousand import tables


def test_texts_equal_but_for_case_spacing_and_marks_are_copies(tmp_path):
    texts = ["The old bridge.", "the  OLD\nbridge", "The old bridges.", "\u201cThe old bridge!\u201d"]
    twin, similarity = copies(tmp_path, texts, kind="exact")
    assert twin.tolist() == [-1, 0, -1, 0]
    assert np.array_equal(similarity, [np.nan, 1, np.nan, 1], equal_nan=True)


def test_the_first_by_priority_survives(tmp_path):
    assert copies(tmp_path, ["a", "A", "a!"], [2, 0, 1], kind="exact")[0].tolist() == [1, -1, 1]


def test_texts_without_a_word_are_no_copies(tmp_path):
    assert copies(tmp_path, ["...", "...", "", "", "!"], kind="exact")[0].tolist() == [-1] * 5


@pytest.mark.parametrize(("over", "twins"), [("prompt", [-1, 0, 0]), ("response", [-1, -1, 0]), ("both", [-1, -1, 0])])
def test_a_side_is_compared_by_itself(over, twins, tmp_path):
    twin, _ = copies(tmp_path, ["One.", "Two.", "one"], prompts=["Which?", "which", "WHICH?"], kind="exact", over=over)
    assert twin.tolist() == twins


def test_what_is_kept_is_the_group_of_each_row(tmp_path):
    copies(tmp_path, ["b", "a", "B"], kind="exact")
    kept = tables.read(tmp_path / "prepared" / "groups.parquet")["group"].to_pylist()
    assert [path.name for path in (tmp_path / "prepared").iterdir()] == ["groups.parquet"]
    assert kept[0] == kept[2] != kept[1]
