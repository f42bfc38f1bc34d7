"""The model at the end of every epoch, in folders that are whole or not there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch

from thousand import manifest
from thousand.align.adapters import save
from thousand.model import Model


def save_epoch(model: Model, weights: Mapping[str, torch.Tensor], checkpoints: Path, epoch: int, precision: str) -> None:
    """Keep the model as it is at the end of an epoch, in ``checkpoints/epoch-01`` and so on."""
    folder = epoch_folder(checkpoints, epoch)
    partial = folder.with_name(f"{folder.name}.partial")
    for left in (partial, folder):  # of an attempt that was interrupted before its state was whole
        manifest.remove(left)
    save(model, partial, precision, weights)
    os.replace(partial, folder)


def forget_epochs(checkpoints: Path) -> None:
    """Remove the copies of all epochs, and those that were begun."""
    for each in checkpoints.glob("epoch-*"):
        manifest.remove(each)


def epoch_folder(checkpoints: Path, epoch: int) -> Path:
    """Where the model at the end of an epoch stands."""
    return checkpoints / f"epoch-{epoch:02d}"


def epochs_in(checkpoints: Path) -> dict[int, Path]:
    """The checkpoints in a folder by epoch, the earliest first."""
    found = {int(path.name[len("epoch-") :]): path for path in checkpoints.glob("epoch-*") if path.name[len("epoch-") :].isdigit()}
    return dict(sorted(found.items()))
