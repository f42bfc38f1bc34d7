"""Selection and base to model: LIMA's recipe, the end of turn trained and checked, a checkpoint per epoch."""

from thousand.align.align import Aligned, align, planned_steps
from thousand.align.preflight import PreflightError

__all__ = ["Aligned", "PreflightError", "align", "planned_steps"]
