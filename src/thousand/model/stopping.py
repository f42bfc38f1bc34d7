"""A text that ends an answer, where a base has no token for it."""

from __future__ import annotations

from typing import Any

import torch
import transformers


class StopAt(transformers.StoppingCriteria):
    """Ends a row as soon as a text stands at the end of what was generated.

    Args:
        width: tokens of the prompt, which may hold the text.
    """

    def __init__(self, tokenizer: Any, text: str, width: int) -> None:
        self._tokenizer, self._text, self._width = tokenizer, text, width
        self._last = len(text.encode()) + 1  # no token is shorter than a byte; the text was looked for after every one before

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: Any) -> torch.Tensor:
        """Which rows are over, (rows,)."""
        tails = input_ids[:, max(self._width, input_ids.shape[1] - self._last) :].tolist()
        found = [self._text in tail for tail in self._tokenizer.batch_decode(tails, skip_special_tokens=True)]
        return torch.tensor(found, device=input_ids.device)
