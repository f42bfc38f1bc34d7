"""The checkpoints of an arm: ratings and perplexity epoch by epoch (LIMA's figure 9), what one sees in them, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import spearmanr

from thousand.report import wording
from thousand.report.canvas import ACCENT, LOSE, MUTED, Canvas
from thousand.report.evidence import ArmEvidence
from thousand.report.figure import Cell, Table, hundredths, rounded
from thousand.statistics import holm

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PANEL = 300
_HEAD, _PLOT, _GAP = 26, 92, 40
_LEFT = 40
FEWEST = 3
"""Checkpoints; of fewer nobody would say that two things go together."""
FORGOT = 0.05
"""Below it, after Holm's correction for the number of checkpoints, knowing less than the base is no chance."""

_CURVES = (("rating", "rating on the dev prompts"), ("perplexity", "held-out perplexity"), ("known", "known still"))


def panels(arms: Sequence[ArmEvidence]) -> list[Canvas]:
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


def numbers(arms: Sequence[ArmEvidence]) -> Table:
    """Every checkpoint; shares in percent."""
    found: list[list[Cell]] = []
    for arm in arms:
        for seed, table in arm.checkpoints.items():
            for each in table.to_pylist():
                rated = [rounded(each[name]) for name in ("rating", "low", "high", "perplexity")]
                shares = [hundredths(each[name]) for name in ("ended", "limit", "repeats", "known")]
                found.append([arm.name, seed, each["epoch"], *rated, *shares, "kept" if each["chosen"] else ""])
    columns = ["Arm", "Seed", "Epoch", "Rating", "Low", "High", "Perplexity", "Ended, %", "Limit, %", "Circling, %", "Known, %", "Kept"]
    return Table(columns, found)


def against(arms: Sequence[ArmEvidence]) -> list[Canvas]:
    """For each arm a dot for each checkpoint, its rating over its perplexity; nothing where either is unknown."""
    found = ((arm, _both(arm)) for arm in arms)
    return [_against(arm, *both, claim=arm is arms[0]) for arm, both in found if both is not None]


def said_against(arms: Sequence[ArmEvidence]) -> str:
    """How far the two go together, by Spearman's rank correlation within each arm."""
    told = []
    for arm in arms:
        if (both := _both(arm)) is not None:
            perplexity, rating, _ = both
            constant = np.ptp(perplexity) == 0 or np.ptp(rating) == 0
            told.append(
                f"{arm.name} {'none, one of them does not change' if constant else f'{float(spearmanr(perplexity, rating)[0]):+.2f}'}"
            )
    return (
        "A dot is a checkpoint, a ring one that was kept. Were perplexity a guide, dots would fall from the upper left to the lower right,"
        f" a rank correlation near −1. It is, over all seeds: {'; '.join(told)}."
    )


def _both(arm: ArmEvidence) -> tuple[Floats, Floats, Bools] | None:
    """Perplexity, rating and whether it was kept, of the checkpoints that have both; None where there are fewer than three."""
    tables = list(arm.checkpoints.values())
    if not tables:
        return None
    columns = [np.concatenate([table[name].to_numpy().astype(np.float64) for table in tables]) for name in ("perplexity", "rating")]
    chosen = np.concatenate([table["chosen"].to_numpy().astype(np.bool_) for table in tables])
    known = ~np.isnan(columns[0]) & ~np.isnan(columns[1])
    return (columns[0][known], columns[1][known], chosen[known]) if known.sum() >= FEWEST else None


def _against(arm: ArmEvidence, perplexity: Floats, rating: Floats, kept: Bools, *, claim: bool) -> Canvas:
    canvas = Canvas(PANEL, _HEAD + 190, f"Checkpoints of {arm.name}: rating on the dev prompts by held-out perplexity")
    canvas.text(0, 9, arm.name, size=13, bold=claim, colour=ACCENT if claim else MUTED, room=PANEL - 110)
    canvas.text(PANEL, 9, f"{len(rating)} checkpoints", size=12, colour=MUTED, align="right")
    top, bottom = _HEAD + 24, _HEAD + 150
    canvas.text(0, _HEAD + 10, "rating", size=11.5, colour=MUTED)
    canvas.text((_LEFT + PANEL) / 2, bottom + 34, "held-out perplexity", size=11.5, colour=MUTED, align="center")
    x, y = (_placed(values, *room) for values, room in ((perplexity, (_LEFT + 12, PANEL - 14)), (rating, (bottom - 10, top + 8))))
    for at in (int(np.argmin(rating)), int(np.argmax(rating))):
        canvas.line(_LEFT, y[at], PANEL, y[at])
        canvas.text(_LEFT - 5, y[at], f"{rating[at]:.3g}", size=11, colour=MUTED, align="right")
    for at in {int(np.argmin(perplexity)), int(np.argmax(perplexity))}:
        canvas.line(x[at], bottom, x[at], bottom + 4, colour=MUTED)
        canvas.text(x[at], bottom + 14, f"{perplexity[at]:.3g}", size=11, colour=MUTED, align="center")
    canvas.dots(x[kept], y[kept], ACCENT, radius=7, hollow=True)
    canvas.dots(x, y, ACCENT if claim else MUTED, radius=3)
    return canvas


def _placed(values: Floats, start: float, end: float) -> Floats:
    """From the least at the start to the greatest at the end; in the middle where all are equal."""
    spread = float(np.ptp(values))
    placed: Floats = np.full(len(values), (start + end) / 2) if spread == 0 else start + (end - start) * (values - values.min()) / spread
    return placed


def _panel(arm: ArmEvidence, claim: bool) -> Canvas:
    tables = list(arm.checkpoints.values())
    drawn = [(name, words) for name, words in _CURVES if any(_values(table, name) is not None for table in tables)]
    height = _HEAD + len(drawn) * (_PLOT + _GAP)
    kept = wording.listed([str(kept_epoch(table)) for table in tables])
    canvas = Canvas(PANEL, height, f"Checkpoints of {arm.name}: {wording.listed([words for _, words in drawn])}, by epoch; kept: {kept}")
    canvas.text(0, 9, arm.name, size=13, bold=claim, colour=ACCENT if claim else MUTED, room=PANEL - 110)
    canvas.text(PANEL, 9, f"kept {kept}", size=12, colour=MUTED, align="right")
    for at, (name, words) in enumerate(drawn):
        _curves(canvas, _HEAD + at * (_PLOT + _GAP) + 18, words, tables, name)
    return canvas


def _curves(canvas: Canvas, top: float, words: str, tables: Sequence[pa.Table], name: str) -> None:
    """One quantity, epoch by epoch, on its own scale."""
    series = [(table, values) for table in tables if (values := _values(table, name)) is not None]
    low, high = min(float(np.nanmin(values)) for _, values in series), max(float(np.nanmax(values)) for _, values in series)
    if name == "known":
        low, high = 0.0, 1.0  # a share: a question more or less must not look like a cliff
    for table, _ in series if name == "rating" else ():
        for end, further in (("low", np.nanmin), ("high", np.nanmax)):
            if (values := _values(table, end)) is not None:
                low, high = min(low, float(further(values))), max(high, float(further(values)))
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
        epochs = table["epoch"].to_numpy().astype(np.float64)
        across, up = place(epochs, values)
        ends = [_values(table, end) for end in ("low", "high")] if name == "rating" else [None, None]
        if ends[0] is not None and ends[1] is not None:
            canvas.band(across, place(epochs, ends[0])[1], place(epochs, ends[1])[1], ACCENT, opacity=0.12)
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
