"""Rows drawn so that their words are distributed as those of the examples shown (DSIR, Xie et al. 2023).

A text is a bag of hashed words and word pairs, drawn from p among the examples and from q in the pool. A row is drawn with a probability
proportional to p/q of its whole bag, without replacement: the log of the ratio plus Gumbel noise, and the k largest.

The authors have many thousands of examples. From a few, p must be smoothed. Laplace's way fails: spread evenly over 10,000 buckets it
makes every common word count against a row, so that the shortest rows win whatever is shown. By default p is a mixture with the pool's own
q (Dirichlet smoothing, Zhai & Lafferty 2001): a word that the examples do not have counts a little against a row, and how common it is
does not matter.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.ngrams import hashed
from thousand.select.picks import Picks

_TINY = 1e-8  # the authors' own, for a bucket that nothing falls into


def dsir(
    texts: Sequence[str],
    target_texts: Sequence[str],
    budget: int | Budget,
    seed: int,
    *,
    buckets: int = 10_000,
    order: int = 2,
    smoothing: float = 1.0,
    towards: Literal["pool", "even"] = "pool",
) -> Picks:
    """Importance resampling. Gains are log p/q.

    Cost: one look at every word. Memory: four bytes a word.

    Args:
        texts: (n,) the rows to choose from.
        target_texts: (t,) the examples shown.
        buckets: that words and word pairs are hashed into.
        order: the longest run of words that counts.
        smoothing: how much of the prior is added to the examples; 0, as the authors have it, is for many examples.
        towards: the prior: so many times the examples' words, as they are in the ``pool``; or so much in every bucket, ``even``.
    """
    budget = Budget.of(budget, len(texts))
    worth = log_importance(texts, target_texts, buckets=buckets, order=order, smoothing=smoothing, towards=towards)
    noise = np.random.default_rng(seed).gumbel(size=len(texts))
    budget.walk(np.argsort(-(worth + noise), kind="stable"))
    return Picks.of(budget, worth)


def log_importance(
    texts: Sequence[str], target_texts: Sequence[str], *, buckets: int, order: int, smoothing: float, towards: Literal["pool", "even"]
) -> NDArray[np.float64]:
    """(n,) log p/q of each text."""
    pool = hashed(texts, buckets=buckets, order=order)
    q = _shares(pool.counts())
    wanted = hashed(target_texts, buckets=buckets, order=order).counts()
    p = _shares(wanted + smoothing * (wanted.sum() * q if towards == "pool" else 1.0))
    return pool.sums(np.log(p + _TINY) - np.log(q + _TINY))


def _shares(counts: NDArray[Any]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = counts / max(counts.sum(), _TINY)
    return shares
