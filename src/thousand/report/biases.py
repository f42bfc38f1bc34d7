"""What a judge leans on besides the answers: the place in which they stand and their length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from thousand import statistics as st
from thousand.report import arrays

Place = tuple[str, int | None, str, int | None]
"""Where an answer stands: arm, seed, prompt, sample."""


@dataclass(frozen=True)
class Bias:
    """What a judge leans on besides the answers, over single verdicts on pairs: a pair that was judged in both orders gives two.

    Attributes:
        ties: share of verdicts that are ties. flips: share of pairs whose outcome changes with the order.
        first: how often the answer shown first wins, ties apart. position: wins of the first less those of the second, of all verdicts.
        longer: how often the longer answer wins, ties apart.
        at_equal_length: the claim's win rate with the help of length taken out. slope: what being much longer is worth, in log odds.
    """

    ties: st.Estimate
    flips: st.Estimate
    first: st.Estimate
    position: st.Estimate
    longer: st.Estimate
    at_equal_length: st.Estimate
    slope: st.Estimate


def bias(rows: pa.Table, lengths: Mapping[Place, int]) -> Bias:
    """The biases in one judge's verdicts on two arms, by one criterion.

    Args:
        rows: as `arrays.Paired.rows`.
        lengths: of the answers; where none of them is there, what hangs on length is unknown.
    """
    names = ("prompt_id", "sample", "a", "a_seed", "b", "b_seed", "order")
    prompts, samples, ours, our_seeds, theirs, their_seeds, orders = (rows[name].to_pylist() for name in names)
    score = arrays.scores(rows)
    pairs = list(zip(prompts, samples, ours, our_seeds, theirs, their_seeds, strict=True))
    first = np.array([np.nan if order is None else float(order == "ab") for order in orders])
    ours = [lengths.get(place) for place in zip(ours, our_seeds, prompts, samples, strict=True)]
    theirs = [lengths.get(place) for place in zip(theirs, their_seeds, prompts, samples, strict=True)]
    longer = np.array([np.nan if a is None or b is None else float(a - b) for a, b in zip(ours, theirs, strict=True)])
    scores, firsts, longers = st.by_prompt(prompts, score, first, longer)
    shown = np.where(np.isnan(firsts), np.nan, scores)  # without an order nobody knows who came first
    known = not np.isnan(longers).all()
    unknown = st.Estimate(None, 0, None, "the answers are not at hand: their lengths are not known")
    controlled = st.length_controlled(scores, longers) if known else st.LengthControlled(unknown, unknown)
    return Bias(
        ties=st.tie_rate(scores),
        flips=st.flip_rate(*_both_orders(pairs, orders, score)),
        first=st.first_wins(shown, firsts == 1),
        position=st.position_bias(shown, firsts == 1),
        longer=st.longer_wins(np.where(np.isnan(longers), np.nan, scores), np.nan_to_num(longers)) if known else unknown,
        at_equal_length=controlled.win_rate,
        slope=controlled.slope,
    )


def lengths(answers: Mapping[tuple[str, int], pa.Table]) -> dict[Place, int]:
    """Characters of each answer, by arm and seed (schema `tables.ANSWERS`)."""
    found: dict[Place, int] = {}
    for (arm, seed), table in answers.items():
        for prompt, sample, answer in zip(*(table[name].to_pylist() for name in ("prompt_id", "sample", "answer")), strict=True):
            if answer is not None:
                found[arm, seed, prompt, sample] = len(answer)
    return found


def _both_orders(pairs: Sequence[tuple[Any, ...]], orders: list[str | None], score: arrays.Floats) -> tuple[arrays.Floats, ...]:
    """The scores of the pairs (each begins with its prompt) shown in both orders, in each: (pairs of a prompt, prompts) twice."""
    by_order = {
        shown: {pair: said for pair, order, said in zip(pairs, orders, score, strict=True) if order == shown} for shown in ("ab", "ba")
    }
    both = [pair for pair in by_order["ab"] if pair in by_order["ba"]]
    return st.by_prompt([pair[0] for pair in both], *(np.array([found[pair] for pair in both]) for found in by_order.values()))
