"""What an arm knows before and after alignment, for each kind of question: shares with their standard errors, and whether it forgot;
and how its answers stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.report.figure import Cell, Table, hundredths, rounded
from thousand.report.measures import Known
from thousand.report.summary import ArmResult
from thousand.statistics import forgetting, per_prompt, standard_error

Floats = NDArray[np.float64]

SENTENCE = "sentence"


def by_kind(before: pa.Table | None, after: Mapping[int, pa.Table]) -> list[Known]:
    """One record for each kind of question that the base was asked, in the order in which they were.

    Args:
        before: the base's, schema `tables.KNOWLEDGE`; None where nothing was asked.
        after: the arm's, by seed; of the untouched base none.
    """
    if before is None:
        return []
    asked = before["question_id"].to_pylist()
    columns = [_known(table, asked) for table in after.values()]
    kinds = np.array(_kinds(before))
    values = _known(before, asked)
    found = []
    for kind in dict.fromkeys(kinds.tolist()):
        here = kinds == kind
        seeds = np.stack([each[here] for each in columns]) if columns else np.full((1, int(here.sum())), np.nan)
        found.append(_one(kind, values[here], seeds))
    return found


def forgot(before: pa.Table | None, after: Mapping[int, pa.Table]) -> float | None:
    """`thousand.statistics.forgetting` over all questions together; None where they were not asked twice."""
    if before is None or not after:
        return None
    asked = before["question_id"].to_pylist()
    return forgetting(_known(before, asked), np.stack([_known(table, asked) for table in after.values()]))


def _one(kind: str, before: Floats, after: Floats) -> Known:
    means = per_prompt(after)
    twice = ~np.isnan(before) & ~np.isnan(means)
    kept = means[twice & (before == 1.0)]
    return Known(
        kind=kind,
        questions=len(before),
        unscored=int(np.isnan(before).sum()),
        before=_mean(before),
        before_error=standard_error(before),
        after=_mean(means),
        after_error=standard_error(means),
        kept=_mean(kept),
        p=forgetting(before, after),
    )


def _mean(values: Floats) -> float | None:
    present = values[~np.isnan(values)]
    return float(present.mean()) if present.size else None


def _known(table: pa.Table, asked: Sequence[str]) -> Floats:
    """1, 0, or NaN where that is not known or was not asked, question by question."""
    known = dict(zip(table["question_id"].to_pylist(), table["known"].to_pylist(), strict=True))
    return np.array([np.nan if (each := known.get(question)) is None else float(each) for question in asked], np.float64)


def _kinds(table: pa.Table) -> list[str]:
    """Tables from before there were other questions than sentences do not say."""
    return [each or SENTENCE for each in table["form"].to_pylist()] if "form" in table.column_names else [SENTENCE] * table.num_rows


def numbers(arms: Sequence[ArmResult]) -> Table:
    """Every arm and kind of question; shares in percent, each with its standard error."""
    rows: list[list[Cell]] = []
    for arm in arms:
        for each in arm.known:
            shares = (each.before, each.before_error, each.after, each.after_error, each.kept)
            rows.append([arm.name, each.kind, each.questions, each.unscored, *map(hundredths, shares), rounded(each.p)])
    columns = ["Arm", "Questions", "Asked", "Not scored", "Before, %", "Error", "After, %", "Error after", "Of it known still, %", "p"]
    return Table(columns, rows)


def stopped(arms: Sequence[ArmResult]) -> Table:
    """How each arm's answers stop, the untouched base's among them; in percent."""
    rows: list[list[Cell]] = [[arm.name, *map(hundredths, (arm.ended, arm.limit, arm.repeats))] for arm in arms if arm.ended is not None]
    return Table(["Arm", "Ended, %", "At the limit, %", "Going round in circles, %"], rows)
