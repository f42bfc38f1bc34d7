"""Published counts of wins, ties and losses, as comparisons: what a paper's table says once it is tested.

A file of rows, CSV (lines that begin with ``#`` are remarks) or JSON Lines, each with the columns

    against     the other arm
    win, tie, lose   in the claim's view: counts that add up to n, percents that add up to 100, or shares that add up to 1
    n           prompts
    judge       who judged; "people" when there is none
    claim       the arm whose view it is; "the claim" when there is none

Rounded percents of three outcomes may miss 100 by one and a half. Counts made from them are the nearest whole numbers, so that a
p-value may differ a little from that of the unpublished counts. Every prompt stands for itself: seeds and clusters are not known.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thousand import tables
from thousand.errors import DataError
from thousand.report import wording
from thousand.report.compare import bounds
from thousand.report.summary import Comparison
from thousand.report.told import visible
from thousand.report.verdict import LEVEL, beats, loses
from thousand.statistics import holm, sign_test
from thousand.statistics.estimate import of_totals

OUTCOMES = ("win", "tie", "lose")
_COLUMNS = {"against", *OUTCOMES, "n", "judge", "claim"}
_MOST = 1_000_000
_ROUNDED = {1.0: 0.0151, 100.0: 1.51}  # what three rounded figures may miss their sum by: half of the last place each


def read_counts(path: Path) -> list[Comparison]:
    """One comparison for each row, corrected (Holm) over the rows of one claim and judge, in the order of the file.

    Raises:
        DataError: no such file, or a row that cannot be read; with its line and field.
    """
    found = [_comparison(where, row) for where, row in _rows(path)]
    if not found:
        raise DataError(f"{path} has no rows.", f"Give one for each comparison: {', '.join(sorted(_COLUMNS))}.")
    corrected = list(found)
    families: dict[tuple[str, str], list[int]] = {}
    for at, each in enumerate(found):
        families.setdefault((each.a, each.judge), []).append(at)
    for family in families.values():
        named = [found[at].b for at in family]
        if len(set(named)) < len(named):
            twice = next(name for name in named if named.count(name) > 1)
            raise DataError(
                f"{path} compares {found[family[0]].a} with {twice!r} twice, by {found[family[0]].judge}.", "Leave one of them."
            )
        for at, p in zip(family, holm([found[at].p for at in family]), strict=True):
            corrected[at] = found[at].model_copy(update={"p_holm": p})
    return corrected


def tell_counts(comparisons: Sequence[Comparison]) -> str:
    """Every row tested, and which of a claim's differences are significant, judge by judge. Text of names is shown as what it is."""
    lines = []
    families: dict[tuple[str, str], list[Comparison]] = {}
    for each in comparisons:
        families.setdefault((each.a, each.judge), []).append(each)
    for (claim, judge), own in families.items():
        room = max(len(each.b) for each in own)
        lines.append(f"{claim}, judged by {judge}: wins / ties / losses, net wins, 95% interval")
        for each in own:
            shares = wording.aligned(each.win, each.tie, each.lose)
            net = f"{wording.points(each.net):>4} ({wording.points_span(each.interval)})"
            tested = f"p {_small(each.p)}, {_small(each.p_holm)} by Holm"
            lines.append(f"  against {each.b:<{room}}  {shares}  {net}  {tested}  n {each.n:,}")
        lines += [f"  {significance(claim, own)}", ""]
    return "\n".join(map(visible, lines)).rstrip()


def significance(claim: str, rows: Sequence[Comparison]) -> str:
    """One sentence on what of it is significant."""
    won, lost = [each.b for each in rows if beats(each)], [each.b for each in rows if loses(each)]
    open_ = [each.b for each in rows if not beats(each) and not loses(each)]
    told = [f"{verb} {wording.listed(names)}" for verb, names in (("beats", won), ("loses to", lost)) if names]
    rest = f"no difference is shown from {wording.listed(open_)}" if open_ else ""
    number = f"{len(won) + len(lost)} of {wording.plural(len(rows), 'difference')} significant at {LEVEL:.0%}"
    return f"{number}: {claim} {'; '.join([*told, rest] if rest else told)}." if told else f"{number}: {rest}."


def _small(p: float | None) -> str:
    """0.0000002 -> 2e-7: a published p-value is compared by its size."""
    return wording.NONE if p is None else f"{p:.2f}" if p >= 0.01 else f"{p:.0e}".replace("e-0", "e-")


def _comparison(where: str, row: Mapping[str, Any]) -> Comparison:
    unknown = set(row) - _COLUMNS
    if unknown:
        raise DataError(f"{where}: there is no column {sorted(map(str, unknown))[0]!r}.", f"There are: {', '.join(sorted(_COLUMNS))}.")
    against = _name(where, row, "against", None)
    n = _number(where, row, "n")
    if n != int(n) or not 1 <= n <= _MOST:
        raise DataError(f"{where}, n: {n:g} is no number of prompts.", f"Give a whole number from 1 to {_MOST:,}.")
    counts = _counts(where, [_number(where, row, name) for name in OUTCOMES], int(n))
    win, tie, lose = (count / sum(counts) for count in counts)
    score = np.repeat([1.0, 0.0, -1.0], counts)
    net = of_totals(np.stack([score, np.ones_like(score)], axis=1), lambda totals: totals[..., 0] / totals[..., 1], int(n), undefined="")
    return Comparison(
        a=_name(where, row, "claim", "the claim"),
        b=against,
        judge=_name(where, row, "judge", tables.PEOPLE),
        criterion="overall",
        kind="pair",
        win=win,
        tie=tie,
        lose=lose,
        net=win - lose,
        interval=bounds(net.interval),
        seeds_resampled=False,
        p=sign_test(counts[0], counts[2]),
        n=int(n),
        unparsed=0,
        seeds_a=1,
        seeds_b=1,
    )


def _counts(where: str, given: Sequence[float], n: int) -> list[int]:
    """Whole numbers that add up to n: what rounding leaves goes to the largest remainders."""
    total = math.fsum(given)
    if total == n and all(value == int(value) for value in given):
        return [int(value) for value in given]
    whole = next((sum_ for sum_, missed in _ROUNDED.items() if abs(total - sum_) <= missed), None)
    if whole is None:
        raise DataError(f"{where}: win, tie and lose add up to {total:g}.", f"Counts add up to n ({n:,}), percents to 100 and shares to 1.")
    exact = [value * n / total for value in given]
    counts = [int(value) for value in exact]
    for at in sorted(range(3), key=lambda at: counts[at] - exact[at])[: n - sum(counts)]:
        counts[at] += 1
    return counts


def _number(where: str, row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    try:
        number = float(value) if not isinstance(value, bool) else math.nan  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise DataError(f"{where}, {name}: {repr(value)[:100]} is no number from 0 on.", "Give a count, a percent or a share.")
    return number


def _name(where: str, row: Mapping[str, Any], name: str, default: str | None) -> str:
    value = row.get(name)
    if value is None or value == "":
        if default is None:
            raise DataError(f"{where}: there is no {name}.", "Name the other arm.")
        return default
    return str(value)


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with where it stands."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.", "Give a CSV file or JSON Lines of win, tie and lose.") from None
    numbered = [(at, line) for at, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        for at, line in numbered:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                said = getattr(error, "msg", "a number, or lists within lists, without end")
                raise DataError(f"{path}:{at} is no JSON: {said}.", "Give one object a line.") from None
            if not isinstance(row, dict):
                raise DataError(f"{path}:{at} is no object.", "Give one object a line.")
            yield f"{path}:{at}", row
        return
    reader = csv.DictReader([line for _, line in numbered], skipinitialspace=True)
    for (at, _), row in zip(numbered[1:], reader, strict=False):
        if None in row or None in row.values():
            raise DataError(f"{path}:{at} has not as many fields as the first line.", "Quote a field that holds a comma.")
        yield f"{path}:{at}", {name.strip(): value.strip() for name, value in row.items()}
