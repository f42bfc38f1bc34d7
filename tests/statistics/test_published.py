"""Published judgements give the published figures."""

import math
from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tests.statistics.judging import alpaca_eval, leaderboard, panda, shares, tulu
from thousand.statistics import (
    alpha,
    constant,
    kappa,
    length_controlled,
    longer_wins,
    paired,
    pairwise,
    standard_error,
    strict,
    tie_discounted,
    twins,
    without_ties,
)

GPT4, WEIGHTED = "alpaca_eval_gpt4", "weighted_alpaca_eval_gpt4_turbo"
PEOPLE = ("annotator1", "annotator2", "annotator3")


def test_every_row_of_alpaca_evals_leaderboard():
    rows = leaderboard()
    assert len(rows) == len(alpaca_eval()) == 41
    for row in rows:
        score = alpaca_eval()[row["judge"], row["model"]][0]
        found = shares(score)
        counts = [share * found.n for share in (found.win, found.lose, found.tie)]
        assert found.n == int(row["n_total"])
        assert counts == pytest.approx([int(row[name]) for name in ("n_wins", "n_wins_base", "n_draws")], abs=1e-6)
        assert 50 * (1 + np.nanmean(score)) == pytest.approx(float(row["win_rate"]), abs=1e-6)
        assert 50 * standard_error(score) == pytest.approx(float(row["standard_error"]), abs=1e-6)


def test_pairing_two_models_by_prompt_narrows_the_difference():
    """llama-2-7b-chat less vicuna-13b: 0.93 points, standard error 2.02 paired and 2.26 unpaired."""
    llama, vicuna = (alpaca_eval()[GPT4, name][0] for name in ("llama-2-7b-chat-hf", "vicuna-13b"))
    found = paired(50 * llama, 50 * vicuna)
    assert (found.difference.value, found.error, found.unpaired_error) == pytest.approx((0.9317, 2.0165, 2.2628), abs=5e-5)
    assert (found.higher, found.lower, found.equal, found.difference.n) == (136, 128, 541, 805)
    assert found.difference.interval.width / 2 == pytest.approx(1.96 * found.error, rel=0.05)
    assert found.p > 0.5


def test_pairing_narrows_it_for_188_of_190_pairs_of_models():
    models = [score for (judge, _), (score, *_) in alpaca_eval().items() if judge == GPT4]
    pairs = [(one, other, ~np.isnan(one + other)) for one, other in combinations(models, 2)]
    ratios = [standard_error(a - b) / math.hypot(standard_error(a[both]), standard_error(b[both])) for a, b, both in pairs]
    assert (sum(ratio < 1 for ratio in ratios), len(ratios)) == (188, 190)
    assert np.median(ratios) == pytest.approx(0.90, abs=0.005)


def test_the_longer_answer_wins_in_nine_of_ten():
    """deita-7b against davinci-003 on answers more than 30 characters apart, without ties: 721 of 788."""
    score, ours, theirs = alpaca_eval()[GPT4, "deita-7b-v1.0"]
    found = longer_wins(score, ours - theirs, margin=30)
    assert (round(found.value * found.n), found.n) == (721, 788)
    controlled = length_controlled(score, ours - theirs)
    assert controlled.slope.interval.low > 0
    assert controlled.win_rate.interval.high < 0.80 < (1 + score.mean()) / 2


def test_two_rows_of_the_leaderboard_are_one_file():
    for judge, expected in ((GPT4, [("falcon-40b-instruct", "falcon-7b-instruct")]), (WEIGHTED, [])):
        verdicts = {model: score.tolist() for (found, model), (score, *_) in alpaca_eval().items() if found == judge}
        assert [(each.first, each.second) for each in twins(verdicts, draws=20)] == expected


def test_models_that_say_the_same_to_everything():
    """Known here by their answers' lengths: NullModel's one text, and the few characters of a gamed GPT-4."""
    found = {model: constant(lengths.tolist(), draws=20) for (_, model), (_, lengths, _) in alpaca_eval().items()}
    flagged = {model: (each.value, each.share.value) for model, each in found.items() if each}
    assert set(flagged) == {"NullModel", "gpt4_gamed"}
    assert flagged["NullModel"] == (872.0, 1.0)


@pytest.mark.parametrize(
    ("pair", "counts", "twice", "same", "credit"),
    [(("chatgpt", "tulu_65B"), (130, 110, 92), 63, 35, 43.0), (("tulu_65B", "tulu_human_only_65B"), (166, 99, 67), 2, 1, 1.5)],
)
def test_tulus_people(pair, counts, twice, same, credit):
    """The first record of each prompt for wins, the first two annotators for agreement."""
    score = tulu(*pair)
    first = shares(score[0])
    assert [first.win * first.n, first.tie * first.n, first.lose * first.n] == pytest.approx(counts)
    found = tie_discounted(score[0], score[1])
    assert (found.n, found.value * found.n) == (twice, pytest.approx(credit))
    assert strict(score[0], score[1]).value * twice == pytest.approx(same)


def test_tulus_people_agree_less_than_limas():
    """0.68 where chance gives 0.57: LIMA's 0.78 to 0.82 stand above the interval's middle, not above its end."""
    found = tie_discounted(*tulu("chatgpt", "tulu_65B")[:2])
    assert (found.value, found.chance) == pytest.approx((0.683, 0.568), abs=0.001)
    assert found.interval.low < found.chance + 0.05
    assert 0.78 in found.interval


def test_pandas_people_agree_with_each_other_more_than_with_a_model():
    annotators, unread = panda()
    assert (unread, annotators["gpt35"].shape[-1]) == (22, 86)  # 500 pairs of answers to 86 questions
    agreed = {measure: pairwise(annotators, measure) for measure in (tie_discounted, strict, without_ties, kappa)}
    for one, other in combinations(PEOPLE, 2):
        between = {measure: found.between(one, other) for measure, found in agreed.items()}
        assert between[strict].n == 500
        assert between[strict].value == np.mean((annotators[one] == annotators[other])[~np.isnan(annotators[one])])
        assert between[kappa].value == pytest.approx(_kappa(annotators[one], annotators[other]))
        for measure, found in between.items():
            model = agreed[measure].between(one, "gpt35")
            assert model.n == (478 if measure is not without_ties else model.n)
            assert found.interval.low > model.interval.high
    assert [round(agreed[kappa].between(*pair).value, 2) for pair in combinations(PEOPLE, 2)] == [0.82, 0.85, 0.84]
    assert [round(agreed[tie_discounted].between(each, "gpt35").value, 2) for each in PEOPLE] == [0.76, 0.76, 0.77]


def test_pandas_alpha_with_its_interval():
    annotators, _ = panda()
    people = np.stack([annotators[name] for name in PEOPLE])
    found, with_model = alpha(people), alpha(np.stack(list(annotators.values())))
    assert (found.n, round(found.value, 3)) == (500, 0.837)
    assert found.interval.low < found.value < found.interval.high
    assert found.value == pytest.approx(np.mean([_kappa(*pair) for pair in combinations(people, 2)]), abs=0.001)  # three, none missing
    assert with_model.interval.high < found.interval.low


def _kappa(first, second):
    both = ~(np.isnan(first) | np.isnan(second))
    return cohen_kappa_score(first[both], second[both])
