"""The verb: a base and a selection become a model, by LIMA's recipe on TRL's trainer."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from thousand import manifest
from thousand.align import adapters, processes, resume
from thousand.align.common import Progress
from thousand.align.dropout import add_residual_dropout
from thousand.align.estimate import Estimate, estimate
from thousand.align.preflight import Preflight, preflight
from thousand.align.saving import gather
from thousand.align.trainer import make_trainer, planned_steps, writing
from thousand.conversation import Message
from thousand.errors import RecipeError
from thousand.model import Conversations, Model, load, prepare
from thousand.model.chat import encode
from thousand.model.load import sharded
from thousand.recipe import Align


@dataclass(frozen=True)
class Aligned:
    """What training did.

    Attributes:
        examples, tokens: trained on; tokens with a label, one pass.
        steps: optimizer steps. epochs: passes over the examples.
        cut, dropped: examples longer than ``max_tokens`` that were cut, or left out.
        losses: (step, mean loss) as logged. gradient_norms: (step, norm before clipping) at the same steps.
        shown: one example as it was trained, what was learnt from in brackets.
    """

    examples: int
    tokens: int
    steps: int
    epochs: float
    cut: int
    dropped: int
    losses: Sequence[tuple[int, float]]
    gradient_norms: Sequence[tuple[int, float]]
    shown: str


def align(
    selection: pa.Table,
    base: str | Path,
    out: Path | None,
    settings: Align,
    *,
    seed: int = 0,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    told: Callable[[Preflight, Estimate], None] | None = None,
) -> Aligned:
    """Fine-tune a base on a selection and save the model to a folder.

    Args:
        selection: a table with a column ``messages``.
        out: folder for the model after the last step: weights, tokenizer, chat template, ``alignment.json``. None writes none.
        seed: of the order of examples, of dropout and of adapters.
        checkpoints: folder for the model at the end of every epoch (``epoch-01``, ...), and while training lasts for what it
            resumes from (``resume``); None keeps none. Training goes on from the last whole state there.
        progress: called with (step, steps, loss).
        told: called before training begins, with what was checked and what it will take, which is measured in a few passes.

    Raises:
        PreflightError: the model would not learn to stop.
        RecipeError: the settings cannot be had with this base or on this machine.
        DataError: what is to be resumed from is of another training.
        OSError: the model or a checkpoint cannot be written.
    """
    check_place(out)
    processes.join(settings)
    torch.manual_seed(seed)
    model = adapters.load_base(base, settings.adapter) if settings.adapter else load(base)
    prepare(model, settings.end_of_turn, settings.template)
    conversations = render(model, selection["messages"].to_pylist(), settings)
    checked = preflight(model, conversations)
    key = resume.training_key(model, conversations, settings, seed) if checkpoints else ""
    state = resume.last_whole(checkpoints, key)
    if settings.adapter:
        model = adapters.attach(model, settings.adapter, seed=seed)
    rates = add_residual_dropout(model.network, settings.residual_dropout)
    if told is not None and processes.first():
        steps = planned_steps(checked.examples, settings)
        told(checked, estimate(model, conversations, settings, steps, devices=processes.count(), sharded=sharded()))
    trainer = make_trainer(model, conversations, out, checkpoints, settings, seed, progress, key)
    with writing():
        trainer.train(resume_from_checkpoint=str(state) if state else None)
    logged = trainer.state.log_history
    steps = int(trainer.state.global_step)
    aligned = Aligned(
        examples=checked.examples,
        tokens=checked.labelled,
        steps=steps,
        epochs=round(steps / math.ceil(checked.examples / settings.batch), 2),
        cut=checked.cut,
        dropped=checked.dropped,
        losses=[(int(entry["step"]), float(entry["loss"])) for entry in logged if "loss" in entry],
        gradient_norms=[(int(entry["step"]), float(entry["grad_norm"])) for entry in logged if "grad_norm" in entry],
        shown=checked.shown,
    )
    weights = gather(trainer)
    if processes.first():
        with writing():
            if out is not None:
                partial = out.with_name(f"{out.name}.whole")
                manifest.remove(partial)
                adapters.save(model, partial, "float32", weights)
                manifest.remove(out)
                os.replace(partial, out)
            record = _record(aligned, checked, settings, seed, rates)
            for folder in filter(None, (out, checkpoints)):
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "alignment.json").write_text(record, encoding="utf-8")
        if checkpoints is not None:
            resume.finish(checkpoints)
    processes.wait()
    return aligned


def check_place(out: Path | None) -> None:
    """Raise RecipeError where a folder for a model holds something else."""
    if out is not None and out.exists() and not (out.is_dir() and ((out / "config.json").is_file() or not any(out.iterdir()))):
        raise RecipeError(f"{out} holds something else than a model, which would be lost.", "Choose another folder.")


def render(model: Model, conversations: Sequence[Sequence[Message]], settings: Align) -> Conversations:
    """The conversations as the trainer will see them."""
    return encode(
        model,
        conversations,
        loss_on=settings.loss_on,
        max_tokens=min(settings.max_tokens, model.context),
        too_long=settings.too_long,
    )


def _record(aligned: Aligned, checked: Preflight, settings: Align, seed: int, rates: Sequence[float]) -> str:
    """What was done, as it stands beside the model."""
    record: dict[str, Any] = {
        "recipe": settings.model_dump(mode="json"),
        "seed": seed,
        "residual_dropout_by_layer": list(rates),
        "preflight": asdict(checked),
        "steps": aligned.steps,
        "examples": aligned.examples,
        "losses": aligned.losses,
        "gradient_norms": aligned.gradient_norms,
    }
    return json.dumps(record, indent=1) + "\n"
