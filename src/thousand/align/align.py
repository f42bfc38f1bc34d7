"""The verb: a base and a selection become a model, by LIMA's recipe on TRL's trainer."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from thousand import manifest
from thousand.align.dropout import add_residual_dropout
from thousand.align.preflight import preflight
from thousand.align.saving import save_model
from thousand.align.trainer import RESUME, Progress, last_whole, make_trainer, writing
from thousand.conversation import Message
from thousand.model import Conversations, Model, load, prepare
from thousand.model.chat import encode
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
) -> Aligned:
    """Fine-tune a base on a selection and save the model to a folder.

    Args:
        selection: a table with a column ``messages``.
        out: folder for the model after the last step: weights, tokenizer, chat template, ``alignment.json``. None writes none.
        seed: of the order of examples, of dropout and of adapters.
        checkpoints: folder for the model at the end of every epoch (``epoch-01``, ...), and while training lasts for what it
            resumes from (``resume``); None keeps none. Training goes on from the last whole state there.
        progress: called with (step, steps, loss).

    Raises:
        PreflightError: the model would not learn to stop.
        RecipeError: the settings cannot be had with this base or on this machine.
        OSError: the model or a checkpoint cannot be written.
    """
    torch.manual_seed(seed)
    model = load(base)
    prepare(model, settings.end_of_turn)
    conversations = render(model, selection["messages"].to_pylist(), settings)
    shown = preflight(model, conversations)
    rates = add_residual_dropout(model.network, settings.residual_dropout)
    trainer = make_trainer(model, conversations, out, checkpoints, settings, seed, progress)
    with writing():
        trainer.train(resume_from_checkpoint=last_whole(checkpoints))
    logged = trainer.state.log_history
    steps = int(trainer.state.global_step)
    aligned = Aligned(
        examples=len(conversations.examples),
        tokens=sum(label >= 0 for example in conversations.examples for label in example.labels),
        steps=steps,
        epochs=round(steps / math.ceil(len(conversations.examples) / settings.batch), 2),
        cut=conversations.cut,
        dropped=conversations.dropped,
        losses=[(int(entry["step"]), float(entry["loss"])) for entry in logged if "loss" in entry],
        gradient_norms=[(int(entry["step"]), float(entry["grad_norm"])) for entry in logged if "grad_norm" in entry],
        shown=shown,
    )
    with writing():
        record = _record(aligned, settings, seed, rates)
        for folder in filter(None, (out, checkpoints)):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "alignment.json").write_text(record, encoding="utf-8")
        if out is not None:
            save_model(model, out, "float32")
    if checkpoints is not None:
        manifest.remove(checkpoints / RESUME)
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


def _record(aligned: Aligned, settings: Align, seed: int, rates: Sequence[float]) -> str:
    """What was done, as it stands beside the model."""
    record: dict[str, Any] = {
        "recipe": settings.model_dump(mode="json"),
        "seed": seed,
        "residual_dropout_by_layer": list(rates),
        "steps": aligned.steps,
        "examples": aligned.examples,
        "losses": aligned.losses,
        "gradient_norms": aligned.gradient_norms,
    }
    return json.dumps(record, indent=1) + "\n"
