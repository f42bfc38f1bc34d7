import pyarrow as pa
import pytest

from tests.report.synthetic import DEMO, demo, ratings, verdict
from thousand import tables
from thousand.report import arrays
from thousand.report.compare import compare
from thousand.report.evidence import ArmEvidence
from thousand.statistics import sign_test

ARMS = [ArmEvidence("x", "claim"), ArmEvidence("y", "baseline"), ArmEvidence("z", "baseline"), ArmEvidence("g", "guard")]


def compared(rows, arms=ARMS):
    table = pa.Table.from_pylist(rows, tables.VERDICTS)
    return compare(arms, arrays.rated(table), arrays.paired(table, arms[0].name))


def rate(arm, values, **where):
    return [verdict(prompt, arm, rating=value, **where) for prompt, value in enumerate(values)]


def test_ratings_become_wins_ties_and_losses():
    (found,) = compared(rate("x", [5, 5, 3, 4]) + rate("y", [4, 4, 3, 5]), ARMS[:2])
    assert (found.win, found.tie, found.lose, found.net, found.n) == (0.5, 0.25, 0.25, 0.25, 4)
    assert found.p == pytest.approx(sign_test(2, 1))
    assert (found.kind, found.seeds_a, found.seeds_b, found.seeds_resampled) == ("rating", 1, 1, False)


def test_each_judge_and_criterion_is_compared_apart():
    rows = []
    for judge, criterion in (("oracle", "overall"), ("oracle", "correct"), ("people", "overall")):
        rows += rate("x", [5, 5], judge=judge, criterion=criterion) + rate("y", [4, 6], judge=judge, criterion=criterion)
    found = compared(rows)
    assert [(each.judge, each.criterion, each.b) for each in found] == [
        ("oracle", "overall", "y"),
        ("oracle", "correct", "y"),
        ("people", "overall", "y"),
    ]


def test_a_prompt_that_one_arm_has_no_rating_for_is_not_compared():
    (found,) = compared(rate("x", [5, 5, None]) + rate("y", [4, None, 4]))
    assert (found.n, found.unparsed, found.win) == (1, 2, 1.0)
    assert found.interval is None


def test_arms_without_verdicts_have_no_comparison():
    assert [each.b for each in compared(rate("x", [5, 5]) + rate("z", [4, 4]))] == ["z"]
    assert compared(rate("y", [5, 5])) == []


def test_the_correction_counts_the_arms_to_beat_and_not_the_guards():
    rows = rate("x", [5] * 8) + rate("y", [4] * 8) + rate("z", [4] * 8) + rate("g", [4] * 8)
    y, z, guard = compared(rows)
    assert y.p == z.p == guard.p == pytest.approx(2 / 2**8)
    assert y.p_holm == z.p_holm == pytest.approx(2 * y.p)
    assert guard.p_holm is None


def test_direct_pairs_stand_beside_ratings_of_the_same_judge():
    rows = rate("x", [5, 5]) + rate("y", [4, 4]) + [verdict(0, "x", b="y", b_seed=0, order=order, says="b") for order in ("ab", "ba")]
    found = compared(rows)
    assert [(each.kind, each.net) for each in found] == [("pair", -1.0), ("rating", 1.0)]


def test_exchanging_the_arms_mirrors_everything():
    evidence = demo(DEMO[:3])
    first = compare(evidence.arms[:2], arrays.rated(evidence.verdicts), {})[0]
    again = compare(evidence.arms[1::-1], arrays.rated(evidence.verdicts), {})[0]
    assert (again.win, again.tie, again.lose) == pytest.approx((first.lose, first.tie, first.win))
    assert again.interval == pytest.approx((-first.interval[1], -first.interval[0]))
    assert again.p == pytest.approx(first.p)


def test_the_order_of_the_rows_changes_nothing():
    table = ratings(DEMO[:2], 30)
    backwards = table.take(list(range(table.num_rows))[::-1])
    one, other = (sorted(compare(demo(DEMO[:2]).arms, arrays.rated(each), {}), key=lambda c: c.criterion) for each in (table, backwards))
    assert [each.model_dump() for each in one] == [each.model_dump() for each in other]
