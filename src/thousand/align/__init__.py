"""Selection and base to model: LIMA's recipe, the end of turn trained and checked, a checkpoint per epoch, one of them chosen."""

from thousand.align.align import Aligned, align
from thousand.align.choice import Choice, choose
from thousand.align.epochs import epochs_in
from thousand.align.estimate import Estimate
from thousand.align.preferences import Preferred, check_preferences, prefer, preference_steps, preference_work
from thousand.align.preflight import Preflight, PreflightError
from thousand.align.trainer import planned_steps

__all__ = [
    "Aligned",
    "Choice",
    "Estimate",
    "Preferred",
    "Preflight",
    "PreflightError",
    "align",
    "check_preferences",
    "choose",
    "epochs_in",
    "planned_steps",
    "prefer",
    "preference_steps",
    "preference_work",
]
