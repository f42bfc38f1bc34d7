"""How likely a model finds a text after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from thousand.model.load import Model


def mean_log_likelihood(model: Model, prefixes: Sequence[str], texts: Sequence[str], *, batch: int = 64) -> NDArray[np.float64]:
    """Mean log-probability per token of each text after its prefix, in nats.

    Args:
        prefixes: may be empty texts, for the likelihood of a text by itself.
        texts: what is scored. Texts longer than the context are scored over what fits.

    Returns:
        (n,), NaN where nothing could be scored: an empty text, or a prefix that fills the context.
    """
    tokenizer = model.tokenizer
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    before = [[start, *ids] for ids in _encode(tokenizer, prefixes)]
    after = _encode(tokenizer, texts)
    sequences = [(a + b)[: model.context] for a, b in zip(before, after, strict=True)]
    result = np.full(len(sequences), np.nan)
    scorable = [i for i in range(len(sequences)) if len(sequences[i]) > len(before[i])]
    scorable.sort(key=lambda i: len(sequences[i]))
    for at in range(0, len(scorable), batch):
        rows = scorable[at : at + batch]
        width = len(sequences[rows[-1]])
        ids = torch.full((len(rows), width), tokenizer.pad_token_id)
        for row, i in enumerate(rows):  # padded on the right: causal attention never looks there
            ids[row, : len(sequences[i])] = torch.tensor(sequences[i])
        with torch.inference_mode():
            logits = model.network(input_ids=ids.to(model.device)).logits[:, :-1].float()
        chosen = torch.log_softmax(logits, -1).gather(-1, ids[:, 1:, None].to(logits.device))[..., 0].cpu().numpy()
        for row, i in enumerate(rows):
            result[i] = chosen[row, len(before[i]) - 1 : len(sequences[i]) - 1].mean()
    return result


def _encode(tokenizer: object, texts: Sequence[str]) -> list[list[int]]:
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]  # type: ignore[operator]
    return ids
