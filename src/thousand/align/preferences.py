"""A base and pairs of answers become a model: the chosen answers are taught first, then to prefer them (DPO).

Rafailov et al. 2023 (section 4) and Zephyr (Tunstall et al. 2023) fine-tune on answers before they train on preferences, for these
say which of two answers is better and hardly what an answer is, or when it is over. Here the first step is LIMA's recipe on the
chosen answers of the same pairs.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from thousand import manifest, tables
from thousand.align import processes
from thousand.align.align import Aligned, align, check_place
from thousand.align.common import Progress
from thousand.align.dpo import Pair, dpo_steps, make_dpo_trainer
from thousand.align.preflight import preflight
from thousand.align.saving import gather, save_model
from thousand.align.trainer import planned_steps, writing
from thousand.errors import RecipeError
from thousand.model import Conversations, Example, Model, load, prepare
from thousand.model.chat import encode
from thousand.recipe import Align, Choosing


@dataclass(frozen=True)
class Preferred:
    """What training on preferences did.

    Attributes:
        pairs: trained on. cut, dropped: pairs longer than ``max_tokens`` that were cut, or left out.
        steps: optimizer steps over the pairs. epochs: passes over them.
        losses, margins, accuracies, gradient_norms: by step: (step, mean loss); beta times the difference that training has made
            between the log-ratios of chosen and rejected; the share of pairs where it is positive; the norm before clipping.
        shown: one chosen answer as it was trained, what was learnt from in brackets.
        taught: what was done with the chosen answers first; None where nothing was.
    """

    pairs: int
    cut: int
    dropped: int
    steps: int
    epochs: float
    losses: Sequence[tuple[int, float]]
    margins: Sequence[tuple[int, float]]
    accuracies: Sequence[tuple[int, float]]
    gradient_norms: Sequence[tuple[int, float]]
    shown: str
    taught: Aligned | None = None


def preference_steps(pairs: int, settings: Align) -> int:
    """Optimizer steps of both parts that training on so many pairs will take."""
    return dpo_steps(pairs, settings) + (planned_steps(pairs, settings) if settings.dpo.sft else 0)


def preference_work(pairs: int, settings: Align) -> float:
    """The same in steps of training on examples, by operations: a pair is two answers, and the reference reads each of them once.

    Forward costs one third of forward and backward (Kaplan et al. 2020, section 2.1).
    """
    taught = planned_steps(pairs, settings) if settings.dpo.sft else 0
    return taught + 2 * dpo_steps(pairs, settings) + 2 / 3 * pairs / settings.batch


def prefer(pairs: pa.Table, base: str | Path, out: Path, settings: Align, *, seed: int = 0, progress: Progress | None = None) -> Preferred:
    """Train a base to prefer the chosen answers and save the model to a folder.

    One that was interrupted begins anew. The model is the one after the last step.

    Args:
        pairs: schema `tables.PAIRS`.
        out: folder for the model: weights, tokenizer, chat template, ``alignment.json``.
        seed: of the order of examples and of dropout.
        progress: called with (step, steps, loss), the steps of both parts counted through.

    Raises:
        PreflightError: the model would not learn to stop.
        RecipeError: the settings cannot be had for preferences, or with this base.
        OSError: the model cannot be written.
    """
    check_preferences(settings)
    check_place(out)
    taught, start = None, out.with_name(f"{out.name}.taught")
    total, done = preference_steps(pairs.num_rows, settings), 0

    def tell(step: int, _steps: int, loss: float) -> None:
        if progress is not None:
            progress(done + step, total, loss)

    if settings.dpo.sft:
        manifest.remove(start)
        plain = settings.model_copy(update={"checkpoints": False, "choose": Choosing()})
        taught = align(_chosen(pairs), base, start, plain, seed=seed, progress=tell)
        done = taught.steps
    torch.manual_seed(seed)
    model = load(start if taught else base)
    if not taught:
        prepare(model, settings.end_of_turn, settings.template)
    rendered = _render(model, pairs, settings)
    checked = preflight(model, rendered.conversations)
    trainer = make_dpo_trainer(model, rendered.pairs, out, settings, seed, tell)
    with writing():
        trainer.train()
    preferred = _summed_up(trainer, rendered, settings, taught, checked.shown)
    with writing():
        partial = out.with_name(f"{out.name}.whole")
        manifest.remove(partial)
        save_model(model, partial, "float32", gather(trainer))
        record = json.dumps(_record(preferred, asdict(checked), settings, seed), indent=1) + "\n"
        manifest.write_text(partial / "alignment.json", record)
        manifest.remove(out)
        os.replace(partial, out)
    manifest.remove(start)
    return preferred


def check_preferences(settings: Align) -> None:
    """Whether settings can be had for preferences, before anything is loaded.

    Raises:
        RecipeError: they cannot.
    """
    if settings.adapter is not None:
        raise RecipeError(
            "align.adapter: preferences train the whole model, and adapters were asked for.", "Set adapter: null in this arm."
        )
    if settings.choose.by != "last":
        raise RecipeError(
            f"align.choose: {settings.choose.by} needs checkpoints, and training on preferences keeps the last step alone.",
            "Set align: {choose: last} in this arm.",
        )
    if processes.count() > 1:
        raise RecipeError("Preferences are trained by one process, and the launcher started several.", "Start it without the launcher.")


@dataclass(frozen=True)
class _Rendered:
    """Pairs as tokens, and all their answers as conversations, for the preflight to look at."""

    pairs: list[Pair]
    conversations: Conversations


def _chosen(pairs: pa.Table) -> pa.Table:
    rows = zip(pairs["messages"].to_pylist(), pairs["chosen"].to_pylist(), strict=True)
    said = [[*messages, {"role": "assistant", "content": chosen}] for messages, chosen in rows]
    return pa.table({"messages": pa.array(said, tables.MESSAGES)})


def _render(model: Model, pairs: pa.Table, settings: Align) -> _Rendered:
    """A pair whose prompt alone is too long is dropped, as is one with a long answer where ``too_long`` says so."""
    found: list[Pair] = []
    examples: list[Example] = []
    cut = dropped = 0
    for row in pairs.to_pylist():
        both = [[*row["messages"], {"role": "assistant", "content": row[name]}] for name in ("chosen", "rejected")]
        turns = sum(message["role"] == "assistant" for message in both[0])
        longest = min(settings.max_tokens, model.context)
        encoded = encode(model, both, loss_on="responses", max_tokens=longest, too_long=settings.too_long).examples
        if len(encoded) < 2 or any(len(each.turns) < turns for each in encoded):
            dropped += 1
            continue
        cut += any(each.cut for each in encoded)
        start = min(each.turns[-1].start for each in encoded)  # what is said may merge with the end of the prompt
        found.append(Pair(encoded[0].tokens[:start], *(each.tokens[start:] for each in encoded)))
        examples += encoded
    return _Rendered(found, Conversations(examples, cut, dropped))


def _summed_up(trainer: Any, rendered: _Rendered, settings: Align, taught: Aligned | None, shown: str) -> Preferred:
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]

    def series(name: str) -> list[tuple[int, float]]:
        return [(int(entry["step"]), float(entry[name])) for entry in logged]

    pairs, steps = len(rendered.pairs), int(trainer.state.global_step)
    return Preferred(
        pairs=pairs,
        cut=rendered.conversations.cut,
        dropped=rendered.conversations.dropped,
        steps=steps,
        epochs=round(steps / math.ceil(pairs / settings.batch), 2),
        losses=series("loss"),
        margins=series("rewards/margins"),
        accuracies=series("rewards/accuracies"),
        gradient_norms=series("grad_norm"),
        shown=shown,
        taught=taught,
    )


def _record(preferred: Preferred, checked: dict[str, Any], settings: Align, seed: int) -> dict[str, Any]:
    """What was done, as it stands beside the model."""
    told = asdict(replace(preferred, taught=None))
    del told["taught"], told["shown"]
    taught = {name: value for name, value in asdict(preferred.taught).items() if name != "shown"} if preferred.taught else None
    return {"recipe": settings.model_dump(mode="json"), "seed": seed, "preflight": checked, "taught": taught, **told}
