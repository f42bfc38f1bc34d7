"""The verb: a base and a selection become a model, by LIMA's recipe on TRL's trainer."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from safetensors import SafetensorError

from thousand.align.dropout import add_residual_dropout
from thousand.align.preflight import preflight
from thousand.conversation import Message
from thousand.model import Conversations, Model, load, prepare
from thousand.model.chat import encode
from thousand.recipe import Align

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")


@dataclass(frozen=True)
class Aligned:
    """What training did.

    Attributes:
        examples, tokens: trained on; tokens with a label, one pass.
        steps: optimizer steps. epochs: passes over the examples.
        cut, dropped: examples longer than ``max_tokens`` that were cut, or left out.
        losses: (step, mean loss) as logged.
        shown: one example as it was trained, what was learnt from in brackets.
    """

    examples: int
    tokens: int
    steps: int
    epochs: float
    cut: int
    dropped: int
    losses: Sequence[tuple[int, float]]
    shown: str


def align(
    selection: pa.Table,
    base: str | Path,
    out: Path,
    settings: Align,
    *,
    seed: int = 0,
    checkpoints: Path | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> Aligned:
    """Fine-tune a base on a selection and save the model to a folder.

    Args:
        selection: a table with a column ``messages``.
        out: folder for the model: weights, tokenizer, chat template, ``alignment.json``.
        seed: of the order of examples and of dropout.
        checkpoints: folder for a checkpoint per epoch; None keeps none. Training goes on from the last whole one there.
        progress: called with (step, steps, loss).

    Raises:
        PreflightError: the model would not learn to stop.
        OSError: the model or a checkpoint cannot be written.
    """
    torch.manual_seed(seed)
    model = load(base)
    prepare(model, settings.end_of_turn)
    conversations = render(model, selection["messages"].to_pylist(), settings)
    shown = preflight(model, conversations)
    rates = add_residual_dropout(model.network, settings.residual_dropout)
    trainer = _trainer(model, conversations, out, checkpoints, settings, seed, progress)
    with _writing():
        trainer.train(resume_from_checkpoint=_last_whole(checkpoints))
    losses = [(int(entry["step"]), float(entry["loss"])) for entry in trainer.state.log_history if "loss" in entry]
    steps = int(trainer.state.global_step)
    aligned = Aligned(
        examples=len(conversations.examples),
        tokens=sum(label >= 0 for example in conversations.examples for label in example.labels),
        steps=steps,
        epochs=round(steps / math.ceil(len(conversations.examples) / settings.batch), 2),
        cut=conversations.cut,
        dropped=conversations.dropped,
        losses=losses,
        shown=shown,
    )
    with _writing():
        _save(model, out, aligned, settings, seed, rates)
    return aligned


def render(model: Model, conversations: Sequence[Sequence[Message]], settings: Align) -> Conversations:
    """The conversations as the trainer will see them."""
    return encode(
        model,
        conversations,
        loss_on=settings.loss_on,
        max_tokens=min(settings.max_tokens, model.context),
        too_long=settings.too_long,
    )


def planned_steps(examples: int, settings: Align) -> int:
    """Optimizer steps that training on so many examples will take."""
    return settings.steps or math.ceil(settings.epochs * math.ceil(examples / settings.batch))


@contextmanager
def _writing() -> Iterator[None]:
    """The libraries that write weights have errors of their own for a full disk; here they become what they are."""
    try:
        yield
    except (SafetensorError, RuntimeError) as error:
        if "I/O error" in str(error) or "PytorchStreamWriter" in str(error) or "inline_container" in str(error):
            raise OSError(str(error).splitlines()[0]) from error
        raise


def _last_whole(checkpoints: Path | None) -> str | None:
    """The newest checkpoint that was written to its end: the trainer's state is its last file."""
    if checkpoints is None:
        return None
    whole = [path.parent for path in checkpoints.glob("checkpoint-*/trainer_state.json") if path.stat().st_size]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def _trainer(
    model: Model,
    conversations: Conversations,
    out: Path,
    checkpoints: Path | None,
    settings: Align,
    seed: int,
    progress: Callable[[int, int, float], None] | None,
) -> Any:
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
            output_dir=str(checkpoints or out),  # made by the trainer even where it saves nothing
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
            gradient_checkpointing=False,
            use_cpu=not torch.cuda.is_available(),
            max_length=None,
            packing=False,
            pad_to_multiple_of=None,
            train_sampling_strategy="random",
            logging_strategy="steps",
            logging_steps=max(1, steps // 50),
            save_strategy="epoch" if checkpoints else "no",
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


def _save(model: Model, out: Path, aligned: Aligned, settings: Align, seed: int, rates: Sequence[float]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    model.network.save_pretrained(out)
    model.tokenizer.save_pretrained(out)
    record = {
        "recipe": settings.model_dump(),
        "seed": seed,
        "residual_dropout_by_layer": list(rates),
        "steps": aligned.steps,
        "examples": aligned.examples,
        "losses": aligned.losses,
    }
    (out / "alignment.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
