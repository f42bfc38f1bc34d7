"""the mean log-probability per token that the base gives the last answer after everything before it, in nats.

The base is asked by its chat template, or where it has none in ``form``. By itself the value does not tell good from bad: it
is high for whatever manner pretraining had most of. It differs by less than 1e-3 from that of the row measured alone. Null
where the answer is empty or does not fit into the base's context with all that is before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from thousand.conversation import Message
from thousand.curate.texts import Measured, Texts, Values
from thousand.model import Model
from thousand.model.likelihood import FORM, Continuation, last_answers, mean_log_likelihood


def likelihood(texts: Texts, base: Model, *, form: str = FORM, tokens: int | None = None) -> Measured:
    answers = last_answers(base, conversations(texts), form)
    return measured(mean_log_likelihood(base, answers, tokens=tokens), answers)


def conversations(texts: Texts) -> Sequence[Sequence[Message]]:
    """All the turns, or a turn for the prompt and one for the response."""
    if texts.conversations:
        return texts.conversations
    pairs = zip(texts.prompts, texts.responses, strict=True)
    return [[{"role": "user", "content": prompt}, {"role": "assistant", "content": response}] for prompt, response in pairs]


def measured(values: Values, answers: Sequence[Continuation]) -> Measured:
    """The values with the reason for each that is missing."""
    finite = np.isfinite(values)
    reasons = [None if known else each.why or "the model gives no number" for known, each in zip(finite, answers, strict=True)]
    return Measured(np.where(finite, values, np.nan), reasons)
