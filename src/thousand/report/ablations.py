"""What the choice is worth: arms of equal size, by what their choice differs in (LIMA's figure 5)."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.recipe import Arm, Recipe
from thousand.report import wording
from thousand.report.canvas import Canvas
from thousand.report.figure import Cell, Table, rounded
from thousand.report.scales import Row, claim_colour, intervals, whole_ticks
from thousand.report.summary import ArmResult

_NOT_THE_CHOICE = {"budget", "draws", "seeds", "align", "guard", "review", "family"}


def equal_size(arms: Sequence[ArmResult]) -> list[ArmResult]:
    """The claim and the rated arms with as many examples, which differ in what was chosen and not in how much."""
    claim = arms[0]
    chosen = [arm for arm in arms if arm.role in ("claim", "baseline") and arm.strategy and arm.mean_rating is not None]
    return [arm for arm in chosen if arm.examples == claim.examples]


def ablations(arms: Sequence[ArmResult], recipe: Recipe, width: int) -> Canvas:
    """The mean rating of each with its interval; under its name what differs from the claim."""
    rows = [
        Row(
            arm.name,
            arm.mean_rating or 0.0,
            arm.interval,
            (wording.rating(arm.mean_rating), wording.span(arm.interval)),
            claim_colour(arm.role == "claim"),
            arm.role == "claim",
            differs(arm.name, arms[0].name, recipe),
        )
        for arm in arms
    ]
    ends = [value for row in rows for value in (*(row.interval or ()), row.value)]
    said = "; ".join(f"{row.name} {row.words[0]}" for row in rows)
    return intervals(rows, whole_ticks(min(ends), max(ends)), f"Mean rating of arms with equally many examples: {said}", width)


def numbers(arms: Sequence[ArmResult], recipe: Recipe) -> Table:
    """The same in figures."""
    rows: list[list[Cell]] = []
    for arm in arms:
        low, high = arm.interval or (None, None)
        rows.append(
            [arm.name, differs(arm.name, arms[0].name, recipe), arm.examples, rounded(arm.mean_rating), rounded(low), rounded(high)]
        )
    return Table(["Arm", "Its choice", "Examples", "Rating", "Low", "High"], rows)


def differs(name: str, claim: str, recipe: Recipe) -> str:
    """How an arm chooses: the settings of the recipe in which it differs from the claim, or the claim's own that are set."""
    if name not in recipe.arms or claim not in recipe.arms:
        return ""
    own, other = (_choice(recipe.arms[each]) for each in (name, claim))
    plain = _choice(Arm())
    against = plain if name == claim else other
    found = [_said(key, own[key]) for key in own if own[key] != against.get(key)]
    return ", ".join(found)


def _choice(arm: Arm) -> dict[str, object]:
    return {key: value for key, value in arm.model_dump(mode="json").items() if key not in _NOT_THE_CHOICE}


def _said(key: str, value: object) -> str:
    if value in (None, 0, 0.0, {}, [], ""):
        return f"no {key}"
    words = " × ".join(map(str, value)) if isinstance(value, list) else str(value)
    return words if key == "select" else f"{key} {words}"
