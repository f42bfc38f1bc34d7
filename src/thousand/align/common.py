"""What TRL's trainers are told alike, whatever they learn from, and what of them must be mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from thousand.align import processes
from thousand.align.order import Order
from thousand.model import Model
from thousand.recipe import Align

Progress = Callable[[int, int, float], None]
"""Called with (step, steps, loss)."""


def arguments(model: Model, settings: Align, order: Order, seed: int) -> dict[str, Any]:
    """Of a trainer's configuration: AdamW, one micro-batch after another, a log for each step; nothing cut, told or uploaded."""
    return {
        "max_steps": order.steps,
        "per_device_train_batch_size": order.share,
        "gradient_accumulation_steps": settings.batch // (settings.micro_batch or settings.batch),
        "optim": "adamw_torch_fused",
        "adam_beta1": settings.beta1,
        "adam_beta2": settings.beta2,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.gradient_clip,
        "bf16": settings.precision == "bfloat16",
        "activation_checkpointing": settings.gradient_checkpointing,
        "use_cpu": not torch.cuda.is_available(),
        # The trainer writes it into what is saved; while training there is none.
        "use_cache": getattr(model.network.config, "use_cache", True),
        "max_length": None,
        "logging_strategy": "steps",
        "logging_steps": 1,  # a mean over several would not come out the same after an interruption in between
        "logging_nan_inf_filter": False,  # which would write a number where there is none
        "report_to": [],
        "disable_tqdm": True,
        "seed": seed,
        "data_seed": seed,
        "dataloader_pin_memory": False,
        "dataloader_num_workers": 0,
    }


def attend(trainer: Any, model: Model, order: Order, seed: int, progress: Progress | None) -> None:
    """Have a trainer take examples in our order, be watched, and tell its progress in place of printing it."""
    import transformers

    from thousand.align import callbacks

    trainer._get_train_sampler = lambda *_: order
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.add_callback(callbacks.Ordering(order, seed))
    trainer.add_callback(callbacks.Watching(model))
    if progress is not None and processes.first():
        trainer.add_callback(callbacks.Telling(progress, order.steps))


def fit_tile(vocabulary: int) -> None:
    """Keep TRL's tile for the logits no wider than the vocabulary.

    It reserves 32,768 columns whatever the model needs; with a small vocabulary the rows then lie so far apart that nearly
    half of the time of a short training went into touching empty pages.
    """
    from trl.trainer import utils

    if hasattr(utils, _TILE):
        setattr(utils, _TILE, min(_WIDEST_TILE, vocabulary))


_TILE, _WIDEST_TILE = "_CHUNKED_LOGPROB_CHUNK_SIZE", 32768
