import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.statistics import alpha

_ = np.nan
TWO_BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
TWO_NOMINAL = np.array([[ord(letter) for letter in row] for row in ("aabbdcccedda", "babbbccceddd")], dtype=float)
FOUR_WITH_GAPS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)
ratings = arrays(
    np.float64, st.tuples(st.integers(2, 4), st.integers(1, 2), st.integers(1, 6)), elements=st.sampled_from([1.0, 2.0, 4.0, np.nan])
)
SCALES = ("nominal", "ordinal", "interval")


@pytest.mark.parametrize(
    ("data", "scale", "published"),
    [
        (TWO_BINARY, "nominal", 0.095),
        (TWO_NOMINAL, "nominal", 0.692),
        (FOUR_WITH_GAPS, "nominal", 0.743),
        (FOUR_WITH_GAPS, "ordinal", 0.815),
        (FOUR_WITH_GAPS, "interval", 0.849),
    ],
)
def test_krippendorffs_worked_examples(data, scale, published):
    """Sections A to E of "Computing Krippendorff's alpha-reliability", 2011."""
    assert alpha(data, scale).value == pytest.approx(published, abs=0.0005)


def test_an_item_with_one_rating_has_nothing_to_compare():
    found = alpha(FOUR_WITH_GAPS)
    assert (found.n, found.chance) == (11, 0.0)
    assert found.interval.low < found.value < found.interval.high


@given(ratings, st.sampled_from(SCALES))
@settings(max_examples=60, deadline=None)
def test_it_is_one_less_observed_over_expected_disagreement(data, scale):
    expected = _from_the_definition(data.reshape(len(data), -1), scale)
    found = alpha(data, scale, draws=50)
    if expected is None:
        assert found.value is None
        assert found.reason
    else:
        assert found.value == pytest.approx(expected, abs=1e-9)
        assert found.value <= 1


@given(ratings, st.sampled_from(SCALES), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_annotators_and_prompts_does_not_matter(data, scale, random):
    annotators, prompts = list(range(data.shape[0])), list(range(data.shape[2]))
    random.shuffle(annotators)
    random.shuffle(prompts)
    one, other = alpha(data, scale, draws=50), alpha(data[annotators][..., prompts], scale, draws=50)
    assert (one.n, one.reason) == (other.n, other.reason)
    assert one.value == pytest.approx(other.value)


@pytest.mark.parametrize("scale", SCALES)
def test_full_agreement_is_one_and_independence_about_zero(scale):
    generator = np.random.default_rng(0)
    one = generator.integers(1, 7, 4000).astype(float)
    assert alpha(np.stack([one, one, one]), scale).value == pytest.approx(1)
    found = alpha(generator.integers(1, 7, (3, 4000)).astype(float), scale)
    assert found.value == pytest.approx(0, abs=0.03)
    assert 0 in found.interval


def test_ranks_do_not_mind_how_far_apart_values_are_and_intervals_do():
    stretched = np.where(FOUR_WITH_GAPS == 5, 100, FOUR_WITH_GAPS)
    assert alpha(stretched, "ordinal").value == pytest.approx(alpha(FOUR_WITH_GAPS, "ordinal").value)
    assert alpha(stretched, "interval").value > alpha(FOUR_WITH_GAPS, "interval").value
    assert alpha(10 * FOUR_WITH_GAPS + 1e6, "interval").value == pytest.approx(alpha(FOUR_WITH_GAPS, "interval").value)


def test_undefined_cases_say_why():
    assert alpha(np.full((2, 5), 3.1), "interval").reason == "every value is the same: nothing could differ"
    assert alpha(np.ones((3, 5))).reason == "every value is the same: nothing could differ"
    assert alpha(np.array([[1.0, _], [_, 2.0]])).reason == "no item has two ratings"
    assert alpha(np.zeros((2, 0))).n == 0
    assert "one prompt" in alpha(np.array([[[1.0], [2.0]], [[1.0], [1.0]]])).reason


def test_measurements_are_no_categories():
    data = np.random.default_rng(0).normal(0, 1, (2, 100))
    with pytest.raises(ValueError, match="interval scale"):
        alpha(data)
    assert alpha(data, "interval").value == pytest.approx(0, abs=0.25)


def _from_the_definition(items, scale):
    """Pair by pair, without the table of coincidences."""
    units = [unit[~np.isnan(unit)] for unit in items.T]
    units = [unit for unit in units if unit.size > 1]
    values = np.concatenate(units) if units else np.array([])
    if np.unique(values).size < 2:
        return None

    def distance(a, b):
        if scale == "nominal":
            return float(a != b)
        if scale == "interval":
            return (a - b) ** 2
        low, high = sorted((a, b))
        return (((values >= low) & (values <= high)).sum() - ((values == a).sum() + (values == b).sum()) / 2) ** 2

    observed = sum(distance(a, b) / (unit.size - 1) for unit in units for a, b in itertools.permutations(unit, 2)) / values.size
    expected = sum(distance(a, b) for a, b in itertools.permutations(values, 2)) / (values.size * (values.size - 1))
    return 1 - observed / expected
