"""What happens beside the trainer's steps. Imported when something is trained: transformers' part of it takes its time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from thousand.align import processes, resume
from thousand.align.dropout import check_residual_dropout, forget_runs
from thousand.align.epochs import forget_epochs, save_epoch
from thousand.align.order import Order
from thousand.align.saving import gather
from thousand.errors import RecipeError
from thousand.model import Model


class Ordering(TrainerCallback):
    """Says to the order of examples which epoch comes next, and gives every process its own dropout."""

    def __init__(self, order: Order, seed: int) -> None:
        self.order, self.seed = order, seed

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Part the random numbers; where training resumes, what was kept of them is put in their place afterwards."""
        processes.part(self.seed)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Name the epoch."""
        self.order.epoch = state.global_step // self.order.steps_per_epoch


class Watching(TrainerCallback):
    """Checks that training does what it should: dropout after the first step, the loss after each."""

    def __init__(self, model: Model) -> None:
        self.model, self.checked = model, False

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Begin to look."""
        forget_runs(self.model.network)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look for dropout that was passed over."""
        if not self.checked:
            check_residual_dropout(self.model.network)
            self.checked = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **_: Any) -> None:
        """Refuse to go on from a loss, or a gradient, that is no number: the weights are none after it."""
        loss, norm = ((logs or {}).get(name, 0.0) for name in ("loss", "grad_norm"))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise RecipeError(
                f"align: at step {state.global_step} the loss is {loss} and the gradient's norm {norm}: training has come apart.",
                "Lower learning_rate or gradient_clip, or set precision to float32.",
            )


class Telling(TrainerCallback):
    """Tells how training goes on."""

    def __init__(self, progress: Callable[[int, int, float], None], steps: int) -> None:
        self.progress, self.steps = progress, steps

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **_: Any) -> None:
        """Tell of a step; what is logged at the end has no loss."""
        if logs and "loss" in logs:
            self.progress(state.global_step, self.steps, logs["loss"])


class Keeping(TrainerCallback):
    """Keeps the model of every epoch, then declares whole the state to resume from: what is resumed from has its copy."""

    def __init__(self, trainer: Any, model: Model, checkpoints: Path, precision: str, key: str) -> None:
        self.trainer, self.model, self.checkpoints, self.precision, self.key = trainer, model, checkpoints, precision, key

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Clear away what a training before this one has left."""
        if processes.first() and not state.global_step:
            forget_epochs(self.checkpoints)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the model. Where training was killed after its last step, all of it is there already."""
        if resume.is_whole(self.checkpoints, state.global_step):
            control.should_save = False
            return
        weights = gather(self.trainer)
        if processes.first():
            save_epoch(self.model, weights, self.checkpoints, math.ceil(round(state.epoch, 6)), self.precision)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Declare the state whole, of which every process has written a part."""
        processes.wait()
        if processes.first():
            resume.mark(self.checkpoints, state.global_step, self.key)
