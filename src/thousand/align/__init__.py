"""Selection and base to model: LIMA's recipe, the end of turn trained and checked, a checkpoint per epoch, one of them chosen."""

from thousand.align.align import Aligned, align
from thousand.align.choice import Choice, choose
from thousand.align.preflight import PreflightError
from thousand.align.saving import epochs_in
from thousand.align.trainer import planned_steps

__all__ = ["Aligned", "Choice", "PreflightError", "align", "choose", "epochs_in", "planned_steps"]
