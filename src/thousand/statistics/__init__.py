"""Outcomes, intervals, paired tests, biases and agreement: pure functions over arrays, usable alone.

Scores are +1 where a wins, 0 for a tie, -1 where b wins and NaN where there is no verdict. The last axis is the prompt: what stands
on the axes before it (samples, orders, judges) moves with its prompt in every interval. `by_prompt` makes such arrays from rows.
Most functions answer with an `Estimate`: value, interval and n, or the reason that there is none.
"""

from thousand.statistics.agreement import Agreement, kappa, strict, tie_discounted, without_ties
from thousand.statistics.alpha import alpha
from thousand.statistics.annotators import Pairwise, pairwise
from thousand.statistics.artefacts import Constant, Twins, constant, twins
from thousand.statistics.bias import first_wins, flip_rate, longer_wins, position_bias, tie_rate
from thousand.statistics.bootstrap import mean_interval, net_interval
from thousand.statistics.bradley_terry import Strengths, bradley_terry
from thousand.statistics.budget_curve import Budget, BudgetCurve, budget_curve
from thousand.statistics.estimate import Estimate
from thousand.statistics.forgetting import forgetting
from thousand.statistics.interval import Interval, wilson
from thousand.statistics.length_control import LengthControlled, length_controlled
from thousand.statistics.noise import noise_bar
from thousand.statistics.outcomes import Outcomes, by_prompt, outcomes, per_prompt, versus
from thousand.statistics.paired import Paired, paired, standard_error
from thousand.statistics.power import prompts_needed, smallest_difference
from thousand.statistics.saturation import Saturation, saturation
from thousand.statistics.sign_test import holm, sign_flip_test, sign_test
from thousand.statistics.variance import Components, components
from thousand.statistics.wins import Wins, wins

__all__ = [
    "Agreement",
    "Budget",
    "BudgetCurve",
    "Components",
    "Constant",
    "Estimate",
    "Interval",
    "LengthControlled",
    "Outcomes",
    "Paired",
    "Pairwise",
    "Saturation",
    "Strengths",
    "Twins",
    "Wins",
    "alpha",
    "bradley_terry",
    "budget_curve",
    "by_prompt",
    "components",
    "constant",
    "first_wins",
    "flip_rate",
    "forgetting",
    "holm",
    "kappa",
    "length_controlled",
    "longer_wins",
    "mean_interval",
    "net_interval",
    "noise_bar",
    "outcomes",
    "paired",
    "pairwise",
    "per_prompt",
    "position_bias",
    "prompts_needed",
    "saturation",
    "sign_flip_test",
    "sign_test",
    "smallest_difference",
    "standard_error",
    "strict",
    "tie_discounted",
    "tie_rate",
    "twins",
    "versus",
    "wilson",
    "wins",
    "without_ties",
]
