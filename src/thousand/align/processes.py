"""Several processes train one model: which of them this is. Each learns from its part of every batch, and the first one writes."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import torch

from thousand.errors import RecipeError
from thousand.model.load import sharded
from thousand.recipe import Align

_PATIENCE = timedelta(hours=2)  # the others wait while the first one writes a large model


def join(settings: Align) -> None:
    """Meet the other processes of the launcher; one that was started by itself meets nobody.

    Raises:
        RecipeError: the launcher was told what cannot be done, or would spoil the training.
    """
    if not _launched():
        return
    if sharded() and settings.adapter:
        raise RecipeError(
            "align.adapter: adapters are trained with the whole base in every process, and the launcher shares weights out.",
            "Launch with the settings ddp; adapter.bits makes the base small.",
        )
    if settings.residual_dropout and os.environ.get("FSDP_ACTIVATION_CHECKPOINTING", "").lower() == "true":
        raise RecipeError(
            "fsdp_activation_checkpointing: it computes twice with different dropout, and the gradients would be those of neither.",
            "Set it to false, and gradient_checkpointing: true in the recipe.",
        )
    from accelerate import DistributedType, PartialState

    state = PartialState(cpu=not torch.cuda.is_available(), timeout=_PATIENCE)  # it takes the GPU that is its own, too
    if sharded() and state.distributed_type is DistributedType.MULTI_CPU:
        raise RecipeError("Weights are shared out among GPUs only, and there is none here.", "Start the processes with torchrun instead.")


def rank() -> int:
    """This process among all, from 0."""
    return int(os.environ["RANK"]) if _launched() else 0


def count() -> int:
    """How many there are."""
    return int(os.environ["WORLD_SIZE"]) if _launched() else 1


def first() -> bool:
    """Whether this is the one that writes and speaks."""
    return rank() == 0


def wait() -> None:
    """Until all are here."""
    if count() > 1:
        torch.distributed.barrier()


def part(seed: int) -> None:
    """Give every process but the first random numbers of its own, so that they do not all drop the same units."""
    if not first():
        torch.manual_seed(random.Random(f"{seed} {rank()}").getrandbits(32))


def _launched() -> bool:
    return "LOCAL_RANK" in os.environ
