"""Which arms prove nothing: those that forgot, and those trained for so long that even the claim's own examples do harm."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.report import wording
from thousand.report.summary import ArmResult

GUARD_DROP = 1.0
"""On a scale of 1 to 6: a guard rated so far below the claim, on the claim's own examples, was harmed by its steps alone."""


def set_aside(arms: Sequence[ArmResult]) -> dict[str, str]:
    """Arm to the sentence that says why comparisons with it are void. Only baselines and guards are ever set aside.

    - An arm that collapsed (`ArmResult.collapsed`) shows what over-training does, not what its data do.
    - A guard trains the claim's examples for as many steps as the arm it guards. When it collapses, or is rated more than
      `GUARD_DROP` below the claim, so many steps do harm by themselves, and every baseline trained for as many or more is void.
      A guard that was neither rated nor asked proves nothing either way.
    """
    claim = arms[0]
    void: dict[str, str] = {}
    for arm in arms[1:]:
        if arm.role in ("baseline", "guard") and arm.collapsed:
            void[arm.name] = (
                f"{arm.name} kept {wording.percent(arm.knowledge_after)} of what the base knew: it shows forgetting, not quantity."
            )
    for guard in (arm for arm in arms if arm.role == "guard"):
        harm = _harm(guard, claim)
        if harm is None:
            continue
        guarded = next((arm for arm in arms if arm.name == guard.guards), guard)
        for arm in arms[1:]:
            if arm.role == "baseline" and (arm.name == guarded.name or arm.steps >= guarded.steps):
                void.setdefault(
                    arm.name,
                    f"{arm.name} was trained for {wording.plural(arm.steps, 'step')}, and so long a training does harm by itself"
                    f" ({guard.name}, with the claim's own examples, {harm}): it shows forgetting, not quantity.",
                )
    return void


def _harm(guard: ArmResult, claim: ArmResult) -> str | None:
    """How a guard failed, or None when it held or cannot be told."""
    if guard.collapsed:
        return f"kept {wording.percent(guard.knowledge_after)} of what the base knew"
    if guard.mean_rating is None or claim.mean_rating is None or claim.mean_rating - guard.mean_rating <= GUARD_DROP:
        return None
    return f"fell from {wording.rating(claim.mean_rating)} to {wording.rating(guard.mean_rating)}"
