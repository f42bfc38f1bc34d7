"""Whether less is known after than before, question by question."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.outcomes import per_prompt
from thousand.statistics.sign_test import sign_flip_test, sign_test

Floats = NDArray[np.float64]


def forgetting(before: Floats, after: Floats) -> float | None:
    """How likely so much forgetting is by chance, were each question as likely to be forgotten as to be learnt.

    With one seed it is the sign test over the questions that changed. Questions with choices are guessed right now and then, before
    and after alike: what is lost so is gained so, and does not count as forgetting.

    Args:
        before: (questions,), 1 where it was known, 0 where not, NaN where that is not known.
        after: (questions,) or (seeds, questions).

    Returns:
        Two-sided; 1 when as much was learnt as was forgotten; None when no question was asked both times.
    """
    lost = per_prompt(before - np.atleast_2d(after))
    lost = lost[~np.isnan(lost)]
    if lost.size == 0:
        return None
    if lost.sum() <= 0:
        return 1.0
    whole = np.isin(lost, (-1.0, 0.0, 1.0)).all()  # then it is the sign test, exact for any number of questions
    return sign_test(int((lost > 0).sum()), int((lost < 0).sum())) if whole else sign_flip_test(lost)
