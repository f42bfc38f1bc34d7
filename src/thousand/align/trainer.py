"""TRL's trainer, set up for LIMA's recipe."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from thousand.align import processes
from thousand.align.common import Progress, arguments, attend, fit_tile
from thousand.align.order import Order
from thousand.align.resume import RESUME
from thousand.model import Conversations, Model
from thousand.model.chat import IGNORED
from thousand.recipe import Align

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")


def planned_steps(examples: int, settings: Align) -> int:
    """Optimizer steps that training on so many examples will take."""
    return settings.steps or math.ceil(settings.epochs * math.ceil(examples / settings.batch))


@contextmanager
def writing() -> Iterator[None]:
    """The libraries that write weights have errors of their own for a full disk; here they become what they are."""
    try:
        yield
    except (SafetensorError, RuntimeError) as error:
        if "I/O error" in str(error) or "PytorchStreamWriter" in str(error) or "inline_container" in str(error):
            raise OSError(str(error).splitlines()[0]) from error
        raise


def make_trainer(
    model: Model,
    conversations: Conversations,
    out: Path | None,
    checkpoints: Path | None,
    settings: Align,
    seed: int,
    progress: Progress | None,
    key: str,
) -> Any:
    """TRL's trainer for the recipe, which keeps every epoch and tells how it goes on.

    Args:
        key: the name of the training, by which its state is known again.
    """
    import datasets
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from thousand.align import callbacks

    datasets.disable_progress_bars()
    micro = settings.micro_batch or settings.batch
    examples = conversations.examples
    steps = planned_steps(len(examples), settings)
    order = Order(len(examples), batch=settings.batch, micro_batch=micro, steps=steps, processes=processes.count(), seed=seed)
    blank = [model.tokenizer.eos_token_id] * 2  # two, for what is predicted is the next
    tokens = [*(each.tokens for each in examples), blank]
    labels = [*(each.labels for each in examples), [IGNORED] * 2]
    rows = datasets.Dataset.from_dict({"input_ids": tokens, "labels": labels})
    config = SFTConfig(
        output_dir=str(checkpoints / RESUME if checkpoints else out),  # made by the trainer even where it saves nothing
        **arguments(model, settings, order, seed),
        average_tokens_across_devices=True,
        learning_rate=settings.learning_rate,
        # The only schedule of transformers that is linear to a floor other than zero.
        lr_scheduler_type="polynomial",
        lr_scheduler_kwargs={"lr_end": settings.final_learning_rate, "power": 1.0},
        warmup_steps=0,
        neftune_noise_alpha=settings.neftune or None,
        packing=False,
        pad_to_multiple_of=None,
        save_strategy="epoch" if checkpoints else "no",
        save_total_limit=None,  # what is old goes when what is new is whole
    )
    text = model.network.config.get_text_config()
    fit_tile(text.vocab_size)
    routed = getattr(text, "output_router_logits", None)
    trainer: Any = SFTTrainer(model=model.network, args=config, train_dataset=rows, processing_class=model.tokenizer)
    if routed is not None:  # TRL sets it, asks for it in every step all the same, and it would be saved
        text.output_router_logits = routed
    attend(trainer, model, order, seed, progress)
    if checkpoints is not None:
        trainer.add_callback(callbacks.Keeping(trainer, model, checkpoints, settings.keep, key))
    return trainer
