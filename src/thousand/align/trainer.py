"""TRL's trainer, set up for LIMA's recipe: what it must be told, and what of it must be mended."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from thousand.align.saving import save_epoch
from thousand.model import Conversations, Model
from thousand.recipe import Align

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
RESUME = "resume"
"""Where in the folder of checkpoints the trainer keeps its state while training lasts."""
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


def last_whole(checkpoints: Path | None) -> str | None:
    """The newest checkpoint that was written to its end: the trainer's state is its last file."""
    if checkpoints is None:
        return None
    whole = [path.parent for path in (checkpoints / RESUME).glob("checkpoint-*/trainer_state.json") if path.stat().st_size]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def make_trainer(
    model: Model,
    conversations: Conversations,
    out: Path | None,
    checkpoints: Path | None,
    settings: Align,
    seed: int,
    progress: Progress | None,
) -> Any:
    """TRL's trainer for the recipe, which logs some fifty losses, keeps every epoch and tells how it goes on."""
    import datasets
    import transformers
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    datasets.disable_progress_bars()
    micro = settings.micro_batch or settings.batch
    steps = planned_steps(len(conversations.examples), settings)
    rows = datasets.Dataset.from_dict(
        {"input_ids": [each.tokens for each in conversations.examples], "labels": [each.labels for each in conversations.examples]}
    )
    devices = max(1, int(os.environ.get("WORLD_SIZE", "1")))
    with warnings.catch_warnings():  # TRL sets a field that transformers is about to rename, and transformers says so
        warnings.simplefilter("ignore", FutureWarning)
        config = SFTConfig(
            output_dir=str(checkpoints / RESUME if checkpoints else out),  # made by the trainer even where it saves nothing
            max_steps=steps,
            per_device_train_batch_size=max(1, micro // devices),
            gradient_accumulation_steps=max(1, settings.batch // micro),
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
            gradient_checkpointing=settings.gradient_checkpointing,
            neftune_noise_alpha=settings.neftune or None,
            use_cpu=not torch.cuda.is_available(),
            max_length=None,
            packing=False,
            pad_to_multiple_of=None,
            train_sampling_strategy="random",
            logging_strategy="steps",
            logging_steps=max(1, steps // 50),
            save_strategy="epoch" if checkpoints else "no",
            save_total_limit=1,
            report_to=[],
            disable_tqdm=True,
            seed=seed,
            data_seed=seed,
            dataloader_pin_memory=False,
            dataloader_num_workers=0,
        )
    _fit_tile(model.network.config.vocab_size)
    trainer = SFTTrainer(model=model.network, args=config, train_dataset=rows, processing_class=model.tokenizer)
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    if progress is not None:
        trainer.add_callback(_Progress(transformers, progress, steps))
    if checkpoints is not None:
        trainer.add_callback(_Epochs(transformers, model, checkpoints, settings.keep))
    return trainer


def _fit_tile(vocabulary: int) -> None:
    """Keep TRL's tile for the logits no wider than the vocabulary.

    It reserves 32,768 columns whatever the model needs; with a small vocabulary the rows then lie so far apart that nearly
    half of the time of a short training went into touching empty pages.
    """
    from trl.trainer import utils

    if hasattr(utils, _TILE):
        setattr(utils, _TILE, min(_WIDEST_TILE, vocabulary))


_TILE, _WIDEST_TILE = "_CHUNKED_LOGPROB_CHUNK_SIZE", 32768


def _Progress(transformers: Any, progress: Callable[[int, int, float], None], steps: int) -> Any:  # noqa: N802
    """A trainer callback; made here because transformers is imported only when something is trained."""

    class Reporting(transformers.TrainerCallback):  # type: ignore[misc]
        loss = math.nan

        def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **_: Any) -> None:
            self.loss = (logs or {}).get("loss", self.loss)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, steps, self.loss)

    return Reporting()


def _Epochs(transformers: Any, model: Model, checkpoints: Path, precision: str) -> Any:  # noqa: N802
    """Keeps the model of every epoch, before the trainer's own state is saved: what is resumed from has its copy."""

    class Keeping(transformers.TrainerCallback):  # type: ignore[misc]
        def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            save_epoch(model, checkpoints, math.ceil(round(state.epoch, 6)), precision)

    return Keeping()
