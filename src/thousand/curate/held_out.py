"""Texts that people made after curation, edited or written: whether they come too near to a held-out prompt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from thousand.conversation import Message, prompt_of, response_of
from thousand.curate.curate import CONTAMINATED, RESEMBLES, bands_of, plan
from thousand.curate.measure import bound
from thousand.curate.rules import broken
from thousand.curate.texts import Measured, Texts
from thousand.recipe import Curate

_WHY = {
    CONTAMINATED: "it shares {:.0f} words in a row with a held-out prompt",
    RESEMBLES: "it asks what a held-out prompt asks: cosine {:.2f}",
}


def near_to_prompts(conversations: Sequence[Sequence[Message]], prompts: Sequence[str], settings: Curate) -> list[str | None]:
    """Look as curation looks at candidates: by the recipe's rules of contamination, whatever sources those are for.

    Args:
        prompts: held out.

    Returns:
        For each conversation why it may not be trained on, or None where it may.
    """
    found: list[str | None] = [None] * len(conversations)
    bands, signals = bands_of(settings), {choice.name: choice for choice in plan(settings)}
    texts = Texts(
        [prompt_of(messages) for messages in conversations],
        [response_of(messages) for messages in conversations],
        np.full(len(conversations), np.nan),
        conversations,
    )
    for name in (RESEMBLES, CONTAMINATED):  # of two faults the words are told: they can be looked up
        if name in bands and name in signals and len(texts):
            measured = bound(signals[name])(texts, prompts)
            values = measured.values if isinstance(measured, Measured) else measured
            column = pa.chunked_array([pa.array(values, from_pandas=True)])
            everywhere = bands[name].model_copy(update={"only": []})
            for row, broke in enumerate(broken({name: column}, {name: everywhere}, [""] * len(texts))):
                found[row] = _WHY[name].format(values[row]) if broke else found[row]
    return found
