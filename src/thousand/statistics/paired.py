"""Two arms on the same prompts, compared prompt by prompt.

What makes a prompt hard makes it hard for both arms, and leaves when one is taken from the other: that is why a paired comparison
resolves differences that two separate intervals hide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import net_interval
from thousand.statistics.estimate import Estimate, How, unknown, with_interval
from thousand.statistics.outcomes import per_prompt
from thousand.statistics.sign_test import sign_flip_test

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """Arm a less arm b, over the prompts that both have.

    Attributes:
        difference: in the unit of what was measured; its interval resamples prompts, and the seeds of each arm.
        higher, equal, lower: prompts on which a is above, level with and below b.
        error: standard error of the difference over prompts, the seeds at hand taken as given; None below two prompts.
        unpaired_error: what it would be had each arm met prompts of its own.
        p: exact sign-flip permutation test; None when no prompt differs.
    """

    difference: Estimate
    higher: int
    equal: int
    lower: int
    error: float | None
    unpaired_error: float | None
    p: float | None


def paired(a: Floats, b: Floats, **how: Unpack[How]) -> Paired:
    """Compares two arms that were each measured by themselves: ratings, win rates against a common baseline, right or wrong.

    Args:
        a, b: (prompts,) or (seeds, ..., prompts), the same prompts in the same order; NaN where a value is missing. Axes between
            seeds and prompts (samples, orders, judges) are averaged within the seed. Seeds of a and b need not match.

    Raises:
        ValueError: not the same number of prompts.
    """
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"{a.shape[-1]} prompts of a and {b.shape[-1]} of b: pair them first")
    a, b = (per_prompt(np.atleast_2d(arm), keep=1) for arm in (a, b))
    crossed = a[:, None] - b[None, :]
    difference = per_prompt(crossed)
    both = ~np.isnan(difference)
    difference = difference[both]
    n = difference.size
    if n == 0:
        return Paired(unknown(0, "no prompt has a value of both arms"), 0, 0, 0, None, None, None)
    errors = [standard_error(per_prompt(arm)[both]) for arm in (a, b)]
    return Paired(
        with_interval(float(difference.mean()), n, net_interval(crossed, **how)),
        higher=int((difference > 0).sum()),
        equal=int((difference == 0).sum()),
        lower=int((difference < 0).sum()),
        error=standard_error(difference),
        unpaired_error=None if errors[0] is None or errors[1] is None else math.hypot(errors[0], errors[1]),
        p=sign_flip_test(difference),
    )


def standard_error(values: Floats) -> float | None:
    """The standard error of the mean over prompts, sd / sqrt(n) with n - 1 degrees of freedom; None below two prompts.

    Args:
        values: (..., prompts); leading axes are averaged within the prompt first. NaN where there is no value.
    """
    of_prompts = per_prompt(values)
    of_prompts = of_prompts[~np.isnan(of_prompts)]
    return None if of_prompts.size < 2 else float(of_prompts.std(ddof=1) / math.sqrt(of_prompts.size))
