"""TRL's trainer, set up for LIMA's recipe: what it must be told, and what of it must be mended."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from thousand.align import processes
from thousand.align.order import Order
from thousand.align.resume import RESUME
from thousand.model import Conversations, Model
from thousand.model.chat import IGNORED
from thousand.recipe import Align

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
Progress = Callable[[int, int, float], None]
"""Called with (step, steps, loss)."""


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
    import transformers
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
        max_steps=steps,
        per_device_train_batch_size=order.share,
        gradient_accumulation_steps=settings.batch // micro,
        average_tokens_across_devices=True,
        learning_rate=settings.learning_rate,
        # The only schedule of transformers that is linear to a floor other than zero.
        lr_scheduler_type="polynomial",
        lr_scheduler_kwargs={"lr_end": settings.final_learning_rate, "power": 1.0},
        warmup_steps=0,
        optim="adamw_torch_fused",
        adam_beta1=settings.beta1,
        adam_beta2=settings.beta2,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.gradient_clip,
        bf16=settings.precision == "bfloat16",
        activation_checkpointing=settings.gradient_checkpointing,
        neftune_noise_alpha=settings.neftune or None,
        use_cpu=not torch.cuda.is_available(),
        use_cache=getattr(
            model.network.config, "use_cache", True
        ),  # the trainer writes it into what is saved; while training there is none
        max_length=None,
        packing=False,
        pad_to_multiple_of=None,
        logging_strategy="steps",
        logging_steps=1,  # a mean over several would not come out the same after an interruption in between
        logging_nan_inf_filter=False,  # which would write a number where there is none
        save_strategy="epoch" if checkpoints else "no",
        save_total_limit=None,  # what is old goes when what is new is whole
        report_to=[],
        disable_tqdm=True,
        seed=seed,
        data_seed=seed,
        dataloader_pin_memory=False,
        dataloader_num_workers=0,
    )
    text = model.network.config.get_text_config()
    fit_tile(text.vocab_size)
    routed = getattr(text, "output_router_logits", None)
    trainer: Any = SFTTrainer(model=model.network, args=config, train_dataset=rows, processing_class=model.tokenizer)
    if routed is not None:  # TRL sets it, asks for it in every step all the same, and it would be saved
        text.output_router_logits = routed
    trainer._get_train_sampler = lambda *_: order
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.add_callback(callbacks.Ordering(order, seed))
    trainer.add_callback(callbacks.Watching(model))
    if progress is not None and processes.first():
        trainer.add_callback(callbacks.Telling(progress, steps))
    if checkpoints is not None:
        trainer.add_callback(callbacks.Keeping(trainer, model, checkpoints, settings.keep, key))
    return trainer


def fit_tile(vocabulary: int) -> None:
    """Keep TRL's tile for the logits no wider than the vocabulary.

    It reserves 32,768 columns whatever the model needs; with a small vocabulary the rows then lie so far apart that nearly
    half of the time of a short training went into touching empty pages.
    """
    from trl.trainer import utils

    if hasattr(utils, _TILE):
        setattr(utils, _TILE, min(_WIDEST_TILE, vocabulary))


_TILE, _WIDEST_TILE = "_CHUNKED_LOGPROB_CHUNK_SIZE", 32768
