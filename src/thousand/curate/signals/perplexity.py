"""the base's perplexity on the last answer after everything before it: exp of the mean negative log-likelihood per token.

It is ``likelihood`` on another scale, and large where the base is surprised; the same rows are null.
"""

from __future__ import annotations

import numpy as np

from thousand.curate.signals.likelihood import likelihood
from thousand.curate.texts import Measured, Texts
from thousand.model import Model
from thousand.model.likelihood import FORM


def perplexity(texts: Texts, base: Model, *, form: str = FORM, tokens: int | None = None) -> Measured:
    found = likelihood(texts, base, form=form, tokens=tokens)
    return Measured(np.exp(-found.values), found.reasons)
