import numpy as np
import pyarrow as pa
import pytest

from tests.report.synthetic import verdict
from thousand import tables
from thousand.errors import DataError
from thousand.report import arrays


def table(*rows):
    return pa.Table.from_pylist(list(rows), tables.VERDICTS)


def test_prompts_line_up_between_arms_that_answered_different_ones():
    found = arrays.rated(table(verdict(2, "x", rating=5), verdict(0, "x", rating=3), verdict(1, "y", rating=4)))
    np.testing.assert_equal(found["oracle", "overall", "x"].values, [[[3, np.nan, 5]]])
    np.testing.assert_equal(found["oracle", "overall", "y"].values, [[[np.nan, 4, np.nan]]])


def test_a_rating_that_could_not_be_read_is_missing_and_counted():
    found = arrays.rated(table(verdict(0, "x", rating=5), verdict(1, "x", rating=None)))["oracle", "overall", "x"]
    assert found.unparsed == 1
    np.testing.assert_equal(found.values, [[[5, np.nan]]])


def test_all_samples_of_one_arm_meet_all_of_the_other():
    rows = [verdict(0, "x", rating=rating, sample=sample) for sample, rating in enumerate([5, 3])]
    rows += [verdict(0, "y", rating=rating, sample=sample) for sample, rating in enumerate([4, 3])]
    found = arrays.rated(table(*rows))
    won, lost = arrays.beats(found["oracle", "overall", "x"], found["oracle", "overall", "y"])
    assert won.item() == 2 / 4  # 5 beats 4 and 3
    assert lost.item() == 1 / 4  # 3 loses to 4; 3 and 3 tie


def test_every_seed_meets_every_seed():
    rows = [verdict(0, "x", seed, rating=rating) for seed, rating in enumerate([2, 4, 6])]
    rows += [verdict(0, "y", seed, rating=rating) for seed, rating in enumerate([4, 5])]
    found = arrays.rated(table(*rows))
    won, lost = arrays.beats(found["oracle", "overall", "x"], found["oracle", "overall", "y"])
    assert won[:, :, 0].tolist() == [[0, 0], [0, 0], [1, 1]]
    assert lost[:, :, 0].tolist() == [[1, 1], [0, 1], [0, 0]]


def pairs(*orders_and_words):
    rows = [verdict(0, "x", b="y", b_seed=0, order=order, says=says) for order, says in orders_and_words]
    return arrays.paired(table(*rows), "x")["oracle", "overall", "y"]


@pytest.mark.parametrize(
    ("orders_and_words", "won", "lost", "flipped"),
    [
        ([("ab", "a"), ("ba", "a")], 1, 0, 0),
        ([("ab", "b"), ("ba", "b")], 0, 1, 0),
        ([("ab", "a"), ("ba", "b")], 0, 0, 1),  # the first answer twice: a tie
        ([("ab", "a"), ("ba", "tie")], 0, 0, 1),
        ([("ab", "tie"), ("ba", "tie")], 0, 0, 0),
        ([("ab", "a")], 1, 0, 0),  # only one order was ever asked
    ],
)
def test_orders_that_disagree_are_a_tie(orders_and_words, won, lost, flipped):
    found = pairs(*orders_and_words)
    assert (found.won.item(), found.lost.item(), found.flipped, found.unparsed) == (won, lost, flipped, 0)


def test_a_pair_of_which_one_order_could_not_be_read_has_no_verdict():
    found = pairs(("ab", "a"), ("ba", None))
    assert np.isnan(found.won.item())
    assert found.unparsed == 1


def test_the_claim_may_stand_on_either_side():
    rows = [
        verdict(0, "x", 1, b="y", b_seed=2, order="ab", says="a"),
        verdict(0, "y", 2, b="x", b_seed=1, order="ab", says="b"),  # y shown first, x preferred: the other order of the same pair
        verdict(1, "y", 2, b="x", b_seed=1, order="ab", says="a"),
    ]
    found = arrays.paired(table(*rows), "x")["oracle", "overall", "y"]
    assert found.won.shape == (1, 1, 2)
    assert found.won[0, 0].tolist() == [1, 0]
    assert found.lost[0, 0].tolist() == [0, 1]
    assert found.flipped == 0


def test_pairs_without_the_claim_and_an_arm_against_itself_are_left_out():
    rows = [verdict(0, "y", b="z", b_seed=0, order="ab", says="a"), verdict(0, "x", b="x", b_seed=1, order="ab", says="a")]
    assert arrays.paired(table(*rows), "x") == {}


def test_no_verdicts_give_no_arrays():
    empty = tables.VERDICTS.empty_table()
    assert arrays.rated(empty) == {}
    assert arrays.paired(empty, "x") == {}


def test_the_seeds_and_samples_of_the_axes_are_named():
    ratings = arrays.rated(table(verdict(0, "x", 3, rating=5, sample=2), verdict(0, "x", 1, rating=4, sample=7)))
    assert ratings["oracle", "overall", "x"].at == ((1, 3), (2, 7))
    rows = [verdict(0, "y", 4, b="x", b_seed=2, order="ab", says="a", sample=1)]
    assert arrays.paired(table(*rows), "x")["oracle", "overall", "y"].at == ((2,), (4,), (1,))


def test_two_seeds_of_one_arm_meet_with_the_lower_one_first():
    rows = [
        verdict(0, "x", 1, b="x", b_seed=0, order="ab", says="a"),
        verdict(0, "x", 0, b="x", b_seed=1, order="ab", says="b"),
    ]
    found = arrays.duels(table(*rows), ["x"])["oracle", "overall", "x", "x"]
    assert found.at == ((0,), (1,), (0,))
    assert (found.score.item(), found.flipped) == (-1, 0)
    assert found.rows["order"].to_pylist() == ["ba", "ab"]


@pytest.mark.parametrize("other", [None, "y"])
def test_a_sample_that_is_the_number_of_the_row_is_refused_before_memory_is(other):
    said = {"b": other, "b_seed": 0, "order": "ab", "says": "a"} if other else {"rating": 3}
    row = verdict(0, "x", **said)
    many = table(*(row | {"prompt_id": f"p{at}", "sample": at} for at in range(8000)))
    with pytest.raises(DataError, match="too many seeds and samples for so few rows") as refused:
        arrays.duels(many, ["x", "y"]) if other else arrays.rated(many)
    assert "not the number of the row" in refused.value.remedy
