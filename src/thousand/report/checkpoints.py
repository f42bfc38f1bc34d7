"""The checkpoints of an arm: ratings and perplexity epoch by epoch (LIMA's figure 9), what one sees in them, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.report import wording
from thousand.report.canvas import ACCENT, LOSE, MUTED, Canvas
from thousand.report.evidence import ArmEvidence
from thousand.statistics import holm

Floats = NDArray[np.float64]

PANEL = 300
_HEAD, _PLOT, _GAP = 26, 92, 40
_LEFT = 40
FORGOT = 0.05
"""Below it, after Holm's correction for the number of checkpoints, knowing less than the base is no chance."""

_CURVES = (("rating", "rating on the dev prompts"), ("perplexity", "held-out perplexity"), ("known", "known still"))


def panels(arms: Sequence[ArmEvidence]) -> list[str]:
    """For each arm whose checkpoints were compared: a curve for each seed, and a dot at the epoch that was kept."""
    return [_panel(arm, arm is arms[0]) for arm in arms if arm.checkpoints]


def said(arms: Sequence[ArmEvidence]) -> str:
    """Which epochs were kept, and whether perplexity would have kept the same."""
    told = []
    for arm in arms:
        if not arm.checkpoints:
            continue
        kept = wording.listed([str(kept_epoch(table)) for table in arm.checkpoints.values()])
        lowest = [str(each) for table in arm.checkpoints.values() if (each := _lowest(table))]
        told.append(f"{arm.name}: kept {kept}" + (f", of lowest perplexity {wording.listed(lowest)}" if lowest else ""))
    return (
        "Above: the mean rating of the answers to the dev prompts; below: the perplexity of examples that were held out, and what of"
        " the questions of knowledge each epoch answers, where these were asked. A line is a seed, a dot the epoch that was kept."
        f" Epochs, seed by seed: {'; '.join(told)}."
    )


def forgotten(arms: Sequence[ArmEvidence]) -> Iterator[str]:
    """A sentence for each arm in which a checkpoint knows less than the base by more than chance."""
    for arm in arms:
        every = [each for table in arm.checkpoints.values() for each in table.to_pylist()]
        corrected = holm([each["forgot"] for each in every])
        worst = [each for each, p in zip(every, corrected, strict=True) if p is not None and p < FORGOT]
        if worst:
            first, least = min(each["epoch"] for each in worst), min(each["known"] for each in worst)
            kept = "" if any(each["chosen"] for each in worst) else "; the epochs kept do not"
            yield (
                f"{arm.name} forgets from epoch {first} on (down to {wording.percent(least)} of the questions){kept}:"
                " fewer epochs or a lower learning rate would show whether the data do it."
            )


def rows(arms: Sequence[ArmEvidence]) -> list[Mapping[str, object]]:
    """Every checkpoint in numbers."""
    return [
        {"arm": arm.name, "seed": seed, **each} for arm in arms for seed, table in arm.checkpoints.items() for each in table.to_pylist()
    ]


def _panel(arm: ArmEvidence, claim: bool) -> str:
    tables = list(arm.checkpoints.values())
    drawn = [(name, words) for name, words in _CURVES if any(_values(table, name) is not None for table in tables)]
    height = _HEAD + len(drawn) * (_PLOT + _GAP)
    kept = wording.listed([str(kept_epoch(table)) for table in tables])
    canvas = Canvas(PANEL, height, f"Checkpoints of {arm.name}: {wording.listed([words for _, words in drawn])}, by epoch; kept: {kept}")
    canvas.text(0, 9, arm.name, size=13, bold=claim, colour=ACCENT if claim else MUTED, room=PANEL - 110)
    canvas.text(PANEL, 9, f"kept {kept}", size=12, colour=MUTED, align="right")
    for at, (name, words) in enumerate(drawn):
        _curves(canvas, _HEAD + at * (_PLOT + _GAP) + 18, words, tables, name)
    return canvas.svg()


def _curves(canvas: Canvas, top: float, words: str, tables: Sequence[pa.Table], name: str) -> None:
    """One quantity, epoch by epoch, on its own scale."""
    series = [(table, values) for table in tables if (values := _values(table, name)) is not None]
    low, high = min(float(np.nanmin(values)) for _, values in series), max(float(np.nanmax(values)) for _, values in series)
    if name == "known":
        low, high = 0.0, 1.0  # a share: a question more or less must not look like a cliff
    room = (high - low) or 0.1 * abs(high) or 1.0
    bottom, last = top + _PLOT, max(int(table["epoch"][-1].as_py()) for table, _ in series)

    def place(epochs: Floats, values: Floats) -> tuple[Floats, Floats]:
        return _LEFT + (PANEL - _LEFT - 8) * (epochs - 1) / max(1, last - 1), bottom - 8 - (_PLOT - 16) * (values - low) / room

    canvas.text(0, top - 10, words, size=11.5, colour=MUTED)
    for value in (low, high) if high > low else (low,):
        _, y = place(np.ones(1), np.array([value]))
        canvas.line(_LEFT, y[0], PANEL, y[0])
        shown = wording.percent(value) if name == "known" else f"{value:.3g}"
        canvas.text(_LEFT - 5, y[0], shown, size=11, colour=MUTED, align="right")
    for epoch in sorted({1, (last + 1) // 2, last}):
        x, _ = place(np.array([float(epoch)]), np.array([low]))
        canvas.text(x[0], bottom + 6, str(epoch), size=11, colour=MUTED, align="center")
    for table, values in series:
        across, up = place(table["epoch"].to_numpy().astype(np.float64), values)
        canvas.curve(across, up, colour=LOSE if name == "perplexity" else ACCENT, width=1.5)
        chosen = table["chosen"].to_numpy()
        canvas.dots(across[chosen], up[chosen], LOSE if name == "perplexity" else ACCENT, radius=3.8)


def _values(table: pa.Table, name: str) -> Floats | None:
    """A column; None where nothing in it is known."""
    values: Floats = table[name].to_numpy().astype(np.float64)
    return None if np.isnan(values).all() else values


def kept_epoch(table: pa.Table) -> int:
    """The epoch of the checkpoint that was kept."""
    epoch: int = table["epoch"].filter(table["chosen"])[0].as_py()
    return epoch


def _lowest(table: pa.Table) -> int | None:
    values = _values(table, "perplexity")
    return None if values is None else int(table["epoch"][int(np.nanargmin(values))].as_py())
