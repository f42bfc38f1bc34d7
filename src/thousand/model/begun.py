"""What many prompts begin with, passed through a model once."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from transformers.cache_utils import DynamicLayer

from thousand.model.load import Model

_WORTH = 16
"""Tokens in common from which it is worth the trouble."""


@dataclass(frozen=True)
class Begun:
    """The tokens that prompts have in common at their start, and what the model keeps of them (keys and values), for one row."""

    tokens: list[int]
    kept: Any

    def before(self, padded: Mapping[str, torch.Tensor]) -> dict[str, Any]:
        """What `generate` is to be given for prompts that go on as these do, padded on the left.

        Padding stands between the beginning and the rest. It is masked, and positions do not count it.
        """
        rows = padded["input_ids"].shape[0]
        kept = copy.deepcopy(self.kept)
        kept.batch_repeat_interleave(rows)
        head = torch.tensor([self.tokens], device=padded["input_ids"].device).expand(rows, -1)
        ids = torch.cat([head, padded["input_ids"]], dim=1)
        return {
            "input_ids": ids,
            "attention_mask": torch.cat([torch.ones_like(head), padded["attention_mask"]], dim=1),
            "past_key_values": kept,
        }


def begin(model: Model, prompts: Sequence[list[int]]) -> Begun | None:
    """What prompts have in common, but for a token at least that is left of each; None where that is little.

    Nor is anything kept of a family that keeps something else than every key and value: one whose attention slides counts places,
    and would count the padding.
    """
    if len(prompts) < 2:
        return None
    first, last = min(prompts), max(prompts)  # what these two share, all that lie between them share
    most = min(map(len, prompts)) - 1
    common = next((i for i in range(most) if first[i] != last[i]), most)
    if common < _WORTH:
        return None
    with torch.inference_mode():
        kept = model.network(input_ids=torch.tensor([first[:common]], device=model.device), use_cache=True).past_key_values
    whole = type(kept) is transformers.DynamicCache and all(type(layer) is DynamicLayer for layer in kept.layers)
    return Begun(first[:common], kept) if whole else None
