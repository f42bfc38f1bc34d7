"""Models on disk: as `transformers` loads them, and whole or not at all."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import torch

from thousand import manifest
from thousand.model import Model


def save_model(model: Model, folder: Path, precision: str) -> None:
    """Write weights, tokenizer and chat template.

    Args:
        precision: of the weights as they are written; the model itself stays as it is.
    """
    dtype, network = getattr(torch, precision), model.network
    cast: dict[int, torch.Tensor] = {}  # by place in memory: tied weights stay one
    weights = {name: cast.setdefault(each.data_ptr(), each.detach().to(dtype)) for name, each in network.state_dict().items()}
    network.save_pretrained(folder, state_dict=weights)
    config = copy.deepcopy(network.config)
    config.dtype = precision  # which `save_pretrained` takes from the model, not from what it is given
    config.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)


def save_epoch(model: Model, checkpoints: Path, epoch: int, precision: str) -> None:
    """Keep the model as it is at the end of an epoch, in ``checkpoints/epoch-01`` and so on."""
    folder = epoch_folder(checkpoints, epoch)
    partial = folder.with_name(f"{folder.name}.partial")
    for left in (partial, folder):  # of an attempt that was interrupted before its state was whole
        manifest.remove(left)
    save_model(model, partial, precision)
    os.replace(partial, folder)


def epoch_folder(checkpoints: Path, epoch: int) -> Path:
    """Where the model at the end of an epoch stands."""
    return checkpoints / f"epoch-{epoch:02d}"


def epochs_in(checkpoints: Path) -> dict[int, Path]:
    """The checkpoints in a folder by epoch, the earliest first."""
    found = {int(path.name[len("epoch-") :]): path for path in checkpoints.glob("epoch-*") if path.name[len("epoch-") :].isdigit()}
    return dict(sorted(found.items()))
