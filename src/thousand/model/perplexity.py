"""How surprised a model is by answers that it was not trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from thousand.conversation import Message
from thousand.model.likelihood import FORM, last_answers, mean_log_likelihood
from thousand.model.load import Model


def perplexity(model: Model, conversations: Sequence[Sequence[Message]], form: str = FORM) -> float | None:
    """Perplexity of the last answers, each after what is before it: ``exp`` of the mean negative log-probability per token.

    Every token weighs the same, so long answers weigh more. Ends of turn are not scored (see `last_answers`).

    Args:
        conversations: each ends with an answer.
        form: how a base without a chat template is asked.

    Returns:
        None where no answer could be scored.
    """
    answers = last_answers(model, conversations, form)
    means = mean_log_likelihood(model, answers)
    scored = ~np.isnan(means)
    if not scored.any():
        return None
    counts = np.array([len(each.after) for each in answers], dtype=np.float64)[scored]
    return math.exp(-float(means[scored] @ counts) / float(counts.sum()))
