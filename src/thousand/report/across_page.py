"""Several runs on one page: the verdict of each, their claims side by side, and whether a stronger base needs fewer examples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from thousand.manifest import write_text
from thousand.report import quantity, wording
from thousand.report.across import Across
from thousand.report.canvas import Canvas
from thousand.report.figure import Cell, Figure, Table, apart, drawn, name_of, rounded
from thousand.report.files import write_figures
from thousand.report.gallery import compared
from thousand.report.measures import Curve
from thousand.report.page import render
from thousand.report.scales import Row, claim_colour, intervals, whole_ticks
from thousand.report.summary import ArmResult, Comparison, Summary


def publish_across(across: Across, out: Path) -> Path:
    """Write ``report.html`` and ``figures/`` into a folder and return the path of the page."""
    found = list(apart(gallery_across(across)))
    write_figures(found, out / "figures")
    reports = {name: Path(run.report) for name, run in across.runs.items() if run.report}
    links = {name: quote(os.path.relpath(path, out)) for name, path in reports.items() if path.is_file()}
    write_text(out / "report.html", page_across(across, found, links))
    return out / "report.html"


def page_across(across: Across, found: Sequence[Figure], links: Mapping[str, str] | None = None) -> str:
    """The page as HTML, as `thousand.report.page.page` is.

    Args:
        links: run to the address of its own page as seen from this one.
    """
    return render(
        "across.html.jinja",
        across=across,
        figures={figure.name: figure for figure in found},
        doubts=[f"{name}: {each}" for name, run in across.runs.items() for each in run.verdict.warnings] + across.apart,
        needs=needs(across),
        links=links or {},
        needed=needed(across.runs),
    )


def gallery_across(across: Across) -> Iterator[Figure]:
    """The claims' ratings, the curves over the runs, and each run's claim against those of the others."""
    rated = {name: summary.arms[0] for name, summary in across.runs.items() if summary.arms[0].mean_rating is not None}
    if rated:
        caption = "Mean rating of each run's claim with its 95% interval, by the first judge that decides in that run."
        yield drawn("claims", caption, _claims, rated, _rated(rated))
    for judge, curves in _curves(across.runs).items():
        caption = (
            f"The claim's family in each run, by {judge}: the rating by the number of examples. Whiskers: 95% intervals over prompts and"
            " seeds. Ringed: the smallest number that is shown to be enough."
        )
        yield drawn(name_of("bases", judge), caption, quantity.quantity, curves, quantity.numbers(curves))
    for (a, judge), rows in _by_run(across.claims).items():
        n = wording.plural(min(each.n for each in rows), "prompt")
        caption = f"The claim of {a} against those of the other runs, by {judge}, on the prompts they share, {n} or more."
        yield compared(rows, name_of("claims", a, judge), caption)


def needs(across: Across) -> Table:
    """Each run: what its base is and can do, what came of it, how many examples are enough."""
    rows: list[list[Cell]] = []
    for name, summary in across.runs.items():
        claim, base, curve = summary.arms[0], _base(summary), _curve(summary)
        low, high = claim.interval or (None, None)
        known = None if claim.knowledge_before is None else round(100 * claim.knowledge_before, 1)
        enough = None if curve is None else curve.smallest
        rated = [rounded(claim.mean_rating), rounded(low), rounded(high)]
        before = rounded(base.mean_rating) if base else None
        rows.append([name, summary.question.base, summary.verdict.outcome, claim.name, *rated, before, known, enough])
    columns = ["Run", "Base", "Verdict", "Claim", "Rating", "Low", "High", "Untouched base", "Base knew, %", "Enough, examples"]
    return Table(columns, rows)


def needed(runs: Mapping[str, Summary]) -> str:
    """Whether a stronger base needs fewer examples, in words; bases in the order of what they give untouched."""
    unknown = "Whether a stronger base needs fewer examples cannot be told: "
    told = [
        (base, name, curve, curve.smallest)
        for name, run in runs.items()
        if (base := _base(run)) and base.mean_rating is not None and (curve := _curve(run)) and curve.smallest
    ]
    if len(told) < 2:
        return f"{unknown}that takes two runs whose untouched bases were rated and of which each says how many examples are enough."
    questions = [runs[name].question for _, name, _, _ in told]
    if len({each.base for each in questions}) < 2:
        return f"{unknown}the runs have one base."
    if len({each.judges[0] for each in questions if each.judges}) > 1:
        return f"{unknown}the bases were rated by different judges."
    told.sort(key=lambda each: each[0].mean_rating or 0.0)
    said = wording.listed([f"{name} {smallest:,} (untouched {wording.rating(base.mean_rating)})" for base, name, _, smallest in told])
    what = "Each figure is the smallest budget shown to lose no more than the margin against the best, not an estimate."
    doubt = "".join(_as_few([(name, curve, smallest) for _, name, curve, smallest in told]))
    if not all(_below(weaker, stronger) for (weaker, *_), (stronger, *_) in pairwise(told)):
        return f"{unknown}by what they give untouched none is shown to be the stronger. Enough were: {said}. {what}{doubt}"
    numbers = [smallest for *_, smallest in told]
    if len(set(numbers)) == 1:
        answer = "A stronger base needs as many examples as a weaker one, as far as these budgets tell"
    elif numbers == sorted(numbers, reverse=True):
        answer = "The stronger the base, the fewer examples were enough"
    elif numbers == sorted(numbers):
        answer = "The stronger the base, the more examples it took"
    else:
        answer = "How many examples are enough does not follow the strength of the base"
    return f"{answer}: {said}. {what}{doubt}"


def _as_few(told: Sequence[tuple[str, Curve, int]]) -> Iterator[str]:
    """For runs that took more than another: whether what was enough there is shown to be too few here."""
    fewest = min(smallest for *_, smallest in told)
    for name, curve, smallest in told:
        too_few = [each.budget for each in curve.points if each.loss_at_least is not None and each.loss_at_least > curve.margin]
        if smallest > fewest and not any(budget >= fewest for budget in too_few):
            yield f" That {name} needs more than {fewest:,} is not shown."


def _below(weaker: ArmResult, stronger: ArmResult) -> bool:
    """Whether the intervals of both ratings are there and lie apart."""
    return weaker.interval is not None and stronger.interval is not None and weaker.interval[1] < stronger.interval[0]


def _claims(arms: Mapping[str, ArmResult], width: int) -> Canvas:
    rows = [
        Row(
            name,
            arm.mean_rating or 0.0,
            arm.interval,
            (wording.rating(arm.mean_rating), wording.span(arm.interval)),
            claim_colour(at == 0),
            at == 0,
        )
        for at, (name, arm) in enumerate(arms.items())
    ]
    ends = [value for row in rows for value in (*(row.interval or ()), row.value)]
    return intervals(rows, whole_ticks(min(ends), max(ends)), f"Claims: {'; '.join(f'{row.name} {row.words[0]}' for row in rows)}", width)


def _rated(arms: Mapping[str, ArmResult]) -> Table:
    rows: list[list[Cell]] = [
        [name, arm.name, rounded(arm.mean_rating), *map(rounded, arm.interval or (None, None))] for name, arm in arms.items()
    ]
    return Table(["Run", "Claim", "Rating", "Low", "High"], rows)


def _curves(runs: Mapping[str, Summary]) -> dict[str, dict[str, Curve]]:
    """Judge to run to the curve of its claim, for judges with a curve of ratings in two runs or more."""
    found: dict[str, dict[str, Curve]] = {}
    for name, summary in runs.items():
        for curve in summary.curves:
            if curve.unit == "rating" and curve.points and curve.family == summary.arms[0].family:
                found.setdefault(curve.judge, {})[name] = curve
    return {judge: curves for judge, curves in found.items() if len(curves) > 1}


def _curve(summary: Summary) -> Curve | None:
    return next((curve for curve in summary.curves if curve.family == summary.arms[0].family), None)


def _base(summary: Summary) -> ArmResult | None:
    return next((arm for arm in summary.arms if arm.role == "base"), None)


def _by_run(claims: Sequence[Comparison]) -> dict[tuple[str, str], list[Comparison]]:
    found: dict[tuple[str, str], list[Comparison]] = {}
    for each in claims:
        found.setdefault((each.a, each.judge), []).append(each)
    return found
