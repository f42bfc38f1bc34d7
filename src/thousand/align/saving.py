"""Models on disk: as `transformers` loads them, and whole or not at all."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from thousand.model import Model


def gather(trainer: Any) -> Mapping[str, torch.Tensor]:
    """The weights as they are now, whole. All processes must ask; where weights are shared out, only the first is answered."""
    weights: Mapping[str, torch.Tensor] = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    return weights


def save_model(model: Model, folder: Path, precision: str, weights: Mapping[str, torch.Tensor] | None = None) -> None:
    """Write weights, tokenizer and chat template.

    Args:
        precision: of the weights as they are written; the model itself stays as it is.
        weights: from `gather`, where the model in this process may not have them all.
    """
    dtype, network = getattr(torch, precision), model.network
    weights = network.state_dict() if weights is None else weights
    written = {name: each.detach().to(dtype) for name, each in weights.items()}
    written |= {name: written[source] for name, source in network.all_tied_weights_keys.items()}  # which stay one
    network.save_pretrained(folder, state_dict=written)
    config = copy.deepcopy(network.config)
    config.dtype = precision  # which `save_pretrained` takes from the model, not from what it is given
    config.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)
