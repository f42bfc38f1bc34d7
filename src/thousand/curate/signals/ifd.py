"""instruction-following difficulty: the base's loss on the last answer after all before it over its loss without (Li et al. 2023).

Above 1 the prompt does not help, which the authors read as an answer that does not belong to it. Both losses are means over
the same tokens; Superfiltering (Li et al. 2024) takes the ratio of their exponentials instead. The base is
asked as for ``likelihood``, and the same rows are null. A value differs by less than 1e-3 from that of the row alone.
"""

from __future__ import annotations

import numpy as np

from thousand.curate.signals.likelihood import conversations, measured
from thousand.curate.texts import Measured, Texts
from thousand.model import Model
from thousand.model.likelihood import FORM, by_itself, last_answers, mean_log_likelihood


def ifd(texts: Texts, base: Model, *, form: str = FORM, tokens: int | None = None) -> Measured:
    answers = last_answers(base, conversations(texts), form)
    both = [*answers, *(by_itself(base, each) for each in answers)]  # one sweep: more of like length to score together
    after, alone = np.split(mean_log_likelihood(base, both, tokens=tokens), 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return measured(after / alone, answers)
