"""How one judge rated each arm, and how far apart its ratings and verdicts lie with nothing but another seed or sample between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thousand import statistics as st
from thousand.report import arrays
from thousand.report.arrays import Floats

_FEW_KINDS = 6


@dataclass(frozen=True)
class Share:
    """How often a rating was given: the mean over prompts of each prompt's share."""

    rating: float
    share: st.Estimate


@dataclass(frozen=True)
class Mean:
    """How one judge rated one arm on one criterion.

    Attributes:
        shares: of each rating that the judge gave to any arm on this criterion, the highest first; empty where there are more than six
            kinds.
        variance: what makes the ratings differ: prompt, seed, or the drawing of the answer.
    """

    arm: str
    judge: str
    criterion: str
    rating: st.Estimate
    shares: Sequence[Share]
    variance: st.Components


@dataclass(frozen=True)
class Noise:
    """An arm against itself with another seed: what another arm must leave to have shown something.

    Attributes:
        kind: as `Duel.kind`.
        net: net wins of one seed against another; the interval is what matters.
        unread: rows without a verdict or rating.
    """

    arm: str
    judge: str
    criterion: str
    kind: str
    seeds: int
    net: st.Estimate
    unread: int


def means(rated: Mapping[arrays.Key, arrays.Rated]) -> list[Mean]:
    """Every arm by every judge and criterion that rated it."""
    kinds: dict[tuple[str, str], set[float]] = {}
    for (judge, criterion, _), each in rated.items():
        kinds.setdefault((judge, criterion), set()).update(np.unique(each.values[~np.isnan(each.values)]).tolist())
    found = []
    for (judge, criterion, arm), each in rated.items():
        values, given = each.values, sorted(kinds[judge, criterion], reverse=True)
        shares = [Share(kind, _mean(np.where(np.isnan(values), np.nan, values == kind))) for kind in given if len(given) <= _FEW_KINDS]
        found.append(Mean(arm, judge, criterion, _mean(values), shares, st.components(values)))
    return found


def noise(pairs: Mapping[arrays.Duo, arrays.Paired], rated: Mapping[arrays.Key, arrays.Rated]) -> list[Noise]:
    """Every arm that a judge saw with two seeds or more: against itself, or rated."""
    return [*_noise_of_pairs(pairs), *_noise_of_ratings(rated)]


def _mean(values: Floats) -> st.Estimate:
    """Over prompts, seeds within a prompt weighing the same, samples within a seed too. (seeds, samples, prompts)"""
    of_prompts = st.per_prompt(st.per_prompt(values, keep=1))
    n = int((~np.isnan(of_prompts)).sum())
    if n == 0:
        return st.Estimate(None, 0, None, "there is no rating")
    interval = st.mean_interval(values)
    return st.Estimate(float(np.nanmean(of_prompts)), n, interval, "" if interval else "one prompt says nothing about others")


def _noise_of_pairs(pairs: Mapping[arrays.Duo, arrays.Paired]) -> Iterator[Noise]:
    for (judge, criterion, a, b), each in pairs.items():
        seeds = list(dict.fromkeys((*each.at[0], *each.at[1])))
        if a == b and len(seeds) > 1:
            score = np.full((len(seeds), len(seeds), *each.score.shape[2:]), np.nan)
            score[np.ix_(*([seeds.index(seed) for seed in side] for side in each.at[:2]))] = each.score
            yield Noise(a, judge, criterion, "pair", len(seeds), st.noise_bar(score), each.unparsed)


def _noise_of_ratings(rated: Mapping[arrays.Key, arrays.Rated]) -> Iterator[Noise]:
    for (judge, criterion, arm), each in rated.items():
        if len(each.values) > 1:
            net = st.noise_bar(st.versus(each.values, each.values))
            yield Noise(arm, judge, criterion, "rating", len(each.values), net, each.unparsed)
