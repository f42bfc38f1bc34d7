"""Which answers are shown: some drawn blindly, and where the claim did best and worst."""

from dataclasses import replace

import pyarrow as pa
import pytest

from tests.report.rich import rich
from tests.report.synthetic import DEMO, demo, verdict
from thousand import tables
from thousand.report.side_by_side import SHOWN, margins, side_by_side

ARMS = (DEMO[0], DEMO[1], DEMO[7])


@pytest.fixture(scope="module")
def evidence():
    return demo(ARMS)


def judged(evidence, *rows):
    return replace(evidence, verdicts=pa.Table.from_pylist(list(rows), tables.VERDICTS))


def test_random_prompts_are_the_same_whatever_was_judged(evidence):
    def random(of):
        return [each.prompt for each in side_by_side(of) if each.why == "random"]

    without = replace(evidence, verdicts=evidence.verdicts.slice(0, 0))
    assert random(evidence) == random(without)
    assert len(random(evidence)) == SHOWN["random"]
    assert {each.why for each in side_by_side(without)} == {"random"}
    assert all(said.rating is None for said in side_by_side(without)[0].answers)


def test_best_and_worst_are_those_of_the_widest_margins(evidence):
    margin, shown = margins(evidence), side_by_side(evidence)
    best = [each.margin for each in shown if each.why == "best"]
    worst = [each.margin for each in shown if each.why == "worst"]
    others = list(margin.values())
    assert best == sorted(best, reverse=True)
    assert worst == sorted(worst)
    assert len([value for value in others if value > min(best)]) <= len(best) + SHOWN["random"]
    assert max(worst) < min(best)


def test_a_margin_is_the_claims_mean_less_the_mean_of_the_arms(evidence):
    """Rated 5 and 6 by its seeds, against 2 and 3: 5.5 - (2 + 3) / 2 = 3."""
    rows = [verdict(7, "curated-100", 0, rating=5.0), verdict(7, "curated-100", 1, rating=6.0)]
    rows += [verdict(7, "random-100", 0, rating=2.0), verdict(7, "none", 0, rating=3.0)]
    assert margins(judged(evidence, *rows)) == {"p007": 3.0}


def test_of_pairs_a_margin_is_the_net_and_both_orders_count_once(evidence):
    """Won against one arm in both orders, a tie (orders that disagree) against the other: (1 + 0) / 2."""
    rows = [verdict(7, "curated-100", b="random-100", b_seed=0, order=order, says="a") for order in ("ab", "ba")]
    rows += [verdict(7, "curated-100", b="none", b_seed=0, order=order, says=says) for order, says in (("ab", "a"), ("ba", "b"))]
    assert margins(judged(evidence, *rows)) == {"p007": 0.5}


def test_of_a_baselines_budgets_only_the_nearest_to_the_claims_is_shown_and_nothing_of_a_failed_arm():
    _, evidence = rich()
    assert [said.arm for said in side_by_side(evidence)[0].answers] == [
        "curated-100",
        "random-100",
        "longest-100",
        "all-one-epoch",
        "shown",
        "none",
    ]
