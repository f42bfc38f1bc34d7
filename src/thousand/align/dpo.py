"""TRL's trainer for preferences (DPO, Rafailov et al. 2023), given pairs as tokens."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thousand.align.common import Progress, arguments, attend, fit_tile
from thousand.align.order import Order
from thousand.model import Model
from thousand.recipe import Align


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt as tokens, each with its end of turn."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


def dpo_steps(pairs: int, settings: Align) -> int:
    """Optimizer steps over so many pairs, what is taught before them not counted."""
    return math.ceil(settings.dpo.epochs * math.ceil(pairs / settings.batch))


def make_dpo_trainer(model: Model, pairs: Sequence[Pair], folder: Path, settings: Align, seed: int, progress: Progress | None) -> Any:
    """TRL's trainer. The reference is the model as it is now: what it makes of the pairs is computed once, before it changes.

    Dropout is off, as the log-probabilities of model and reference would else differ by it. Every pair weighs alike in its
    micro-batch, and every micro-batch in its step.

    Args:
        folder: made by the trainer; nothing is saved there.
    """
    import datasets
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    class Trainer(DPOTrainer):
        """One that takes tokens: its own way to make them would cut the end of a long answer off."""

        def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
            return dataset

    datasets.disable_progress_bars()
    micro = settings.micro_batch or settings.batch
    steps = dpo_steps(len(pairs), settings)
    order = Order(len(pairs), batch=settings.batch, micro_batch=micro, steps=steps, processes=1, seed=seed)
    rows = datasets.Dataset.from_dict({f"{name}_ids": [getattr(each, name) for each in pairs] for name in ("prompt", "chosen", "rejected")})
    config = DPOConfig(
        output_dir=str(folder),
        **arguments(model, settings, order, seed),
        learning_rate=settings.dpo.learning_rate or settings.learning_rate / 10,
        lr_scheduler_type="linear",
        warmup_steps=int(settings.dpo.warmup * steps),
        beta=settings.dpo.beta,
        precompute_ref_log_probs=True,
        precompute_ref_batch_size=micro,
        save_strategy="no",
    )
    fit_tile(model.network.config.get_text_config().vocab_size)
    with _quietly():
        trainer: Any = Trainer(model=model.network, args=config, train_dataset=rows, processing_class=model.tokenizer)
    attend(trainer, model, order, seed, progress)
    return trainer


@contextmanager
def _quietly() -> Iterator[None]:
    """While TRL asks the reference: its bar of progress heeds this name alone, and it warns of names of transformers that it uses."""
    before = os.environ.get("TQDM_DISABLE")
    os.environ["TQDM_DISABLE"] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        if before is None:
            del os.environ["TQDM_DISABLE"]
        else:
            os.environ["TQDM_DISABLE"] = before
