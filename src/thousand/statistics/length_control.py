"""The win rate that would be left if both answers were equally long.

Dubois et al. 2024, "Length-Controlled AlpacaEval" (arXiv 2404.04475): a logistic regression of who wins on the difference of the
lengths, read off where that difference is zero. Their model has one term more, for how hard each instruction is, which needs the
verdicts on many models; with one pair of arms it is left out:

    logit P(a wins) = theta + phi * tanh((length of a - length of b) / sd of these differences)

A tie enters as half a win and half a loss, a probability as it is, and every prompt weighs the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit

from thousand.statistics.estimate import NOTHING, Estimate, How, of_totals, unknown

Floats = NDArray[np.float64]

_SEPARATED = "one side, or the longer or the shorter answer, won without exception: the logistic fit has no finite value"


@dataclass(frozen=True)
class LengthControlled:
    """A win rate without the help of length.

    Attributes:
        win_rate: P(a wins) at equal length, ties as half, 0 to 1.
        slope: phi, in log odds: what being much longer is worth; above 0 where the longer answer is liked.
    """

    win_rate: Estimate
    slope: Estimate


def length_controlled(score: Floats, longer_by: Floats, **how: Unpack[How]) -> LengthControlled:
    """Fits the model; ``n`` counts prompts.

    The bootstrap takes one Newton step from the fit in every draw (Moulton and Zeger 1991), so that a draw which no finite fit
    describes does not upset it.

    Args:
        score: (..., prompts): +1 where a wins, 0 for a tie, -1 where b wins, between them for a probability, NaN for no verdict.
        longer_by: the same shape: length of a less that of b, in any unit; NaN where it is not known.
    """
    judged = ~(np.isnan(score) | np.isnan(longer_by))
    prompt = np.nonzero(judged)[-1]
    n = np.unique(prompt).size
    if n == 0:
        return _none(0, NOTHING)
    won, difference = (1 + score[judged]) / 2, longer_by[judged]
    spread = float(difference.std())
    if spread <= 1e-12 * float(np.abs(difference).max()):
        return _none(n, "the difference of the lengths never varies: there is nothing to control for")
    features = np.stack([np.ones_like(won), np.tanh(difference / spread)], axis=1)
    if _separated(features, won):
        return _none(n, _SEPARATED)
    weight = 1.0 / np.bincount(prompt)[prompt]
    fit = _fit(features, won, weight)
    parts = np.zeros((score.shape[-1], 5))
    np.add.at(parts, prompt, _terms(features, won, weight, fit))
    parts = parts[np.unique(prompt)]
    theta = of_totals(parts, lambda totals: _step(totals, fit)[0], n, undefined=_SEPARATED, **how)
    phi = of_totals(parts, lambda totals: _step(totals, fit)[1], n, undefined=_SEPARATED, **how)
    return LengthControlled(theta.mapped(expit), phi)


def _none(n: int, reason: str) -> LengthControlled:
    return LengthControlled(unknown(n, reason), unknown(n, reason))


def _separated(features: Floats, won: Floats) -> bool:
    """Whether some line through the origin parts wins from losses, so that the likelihood grows without end (Konis 2007).

    Asks a linear program for coefficients that put no win below zero, no loss above and what is between on zero, and some verdict
    strictly on its side.
    """
    side = features * np.sign(2 * won - 1)[:, None]
    decided = (won == 0) | (won == 1)
    found = optimize.linprog(
        -side[decided].sum(axis=0),
        A_ub=-side[decided],
        b_ub=np.zeros(int(decided.sum())),
        A_eq=features[~decided],
        b_eq=np.zeros(int((~decided).sum())),
        bounds=[(-1, 1)] * 2,
        method="highs",
    )
    return found.fun is not None and bool(found.fun < -1e-6)


def _fit(features: Floats, won: Floats, weight: Floats) -> Floats:
    """The coefficients of greatest likelihood: (2,), deterministic from zero."""

    def loss(at: Floats) -> float:
        z = features @ at
        return float(weight @ (np.logaddexp(0, z) - won * z))

    def gradient(at: Floats) -> Floats:
        slope: Floats = features.T @ (weight * (expit(features @ at) - won))
        return slope

    def curvature(at: Floats) -> Floats:
        chance = expit(features @ at)
        bend: Floats = (features * (weight * chance * (1 - chance))[:, None]).T @ features
        return bend

    found: Floats = optimize.minimize(loss, np.zeros(2), jac=gradient, hess=curvature, method="trust-exact").x
    return found


def _terms(features: Floats, won: Floats, weight: Floats, at: Floats) -> Floats:
    """What each verdict adds to gradient and curvature at the fit: (verdicts, 5), first what changes sign with the arms."""
    chance = expit(features @ at)
    pull, bend, x = weight * (won - chance), weight * chance * (1 - chance), features[:, 1]
    return np.stack([pull, bend * x, pull * x, bend, bend * x * x], axis=1)


def _step(totals: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Where one Newton step leads from the fit: theta and phi, NaN where the curvature is singular."""
    pull, bend_x, pull_x, bend, bend_xx = np.moveaxis(totals, -1, 0)
    determinant = bend * bend_xx - bend_x**2
    determinant = np.where(determinant > 1e-12 * bend * bend_xx, determinant, np.nan)
    return (
        at[0] + (bend_xx * pull - bend_x * pull_x) / determinant,
        at[1] + (bend * pull_x - bend_x * pull) / determinant,
    )
