"""The same summary in the terminal: one table, the verdict, the report's path last. It reads as well without colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from thousand.report import wording
from thousand.report.across import Across
from thousand.report.across_page import needed
from thousand.report.foremost import foremost
from thousand.report.summary import ArmResult, Cost, Question, Summary
from thousand.report.told import visible

_COLOURS = {"less is more": "bold green", "more is more": "bold red"}
_NOTES = 4
"""Notes that are printed; the page has all of them."""


def show(summary: Summary, console: Console | None = None) -> None:
    """Print the summary.

    Args:
        console: where to; standard output when not given. The table needs 100 columns and keeps to its own width beyond.
    """
    console = console or Console(highlight=False)
    console.print()
    console.print(Text.assemble(("Was less more?", "bold"), f"      {visible(_question(summary.question))}"), highlight=False)
    console.print()
    shown = foremost(summary.arms, summary.arms[0].examples)
    console.print(_table(summary, shown), highlight=False)
    if len(shown) < len(summary.arms):
        console.print(Text(f"{len(summary.arms) - len(shown)} more, at other budgets, in the report", "dim"), highlight=False)
    console.print()
    colour = _COLOURS.get(summary.verdict.outcome, "bold yellow")
    for sentence, style in (
        (summary.verdict.sentence, colour),
        *((each, "yellow") for each in summary.verdict.warnings),
        (summary.verdict.knowledge, ""),
        *((each, "") for each in summary.verdict.set_aside),
        (_enough(summary), ""),
    ):
        if sentence:
            console.print(_text(sentence, style), highlight=False)
    for warning in summary.warnings[:_NOTES]:
        console.print(Text.assemble(("note  ", "dim"), (visible(warning), "dim")), highlight=False)
    if len(summary.warnings) > _NOTES:
        console.print(Text(f"note  and {len(summary.warnings) - _NOTES} more, in the report", "dim"), highlight=False)
    console.print(Text.assemble(("cost  ", "dim"), (_cost(summary.cost), "dim")), highlight=False)
    if summary.report:
        console.print(Text.assemble("report  ", (summary.report, "cyan")), highlight=False, soft_wrap=True)


def show_across(across: Across, console: Console | None = None) -> None:
    """Print several runs: a line for each, claim against claim, and whether a stronger base needs fewer examples.

    Args:
        console: as of `show`.
    """
    console = console or Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading, justify in (
        ("run", "left"),
        ("base", "left"),
        ("verdict", "left"),
        ("claim", "left"),
        ("rating", "left"),
        ("enough", "right"),
    ):
        table.add_column(heading, justify=justify, no_wrap=heading != "base", overflow="fold")  # type: ignore[arg-type]
    for name, run in across.runs.items():
        claim, curve = run.arms[0], next((curve for curve in run.curves if curve.family == run.arms[0].family), None)
        rating = f"{wording.rating(claim.mean_rating):<3}  {wording.span(claim.interval)}".rstrip()
        cells = (name, run.question.base, run.verdict.outcome, claim.name, rating, wording.count(curve.smallest if curve else None))
        table.add_row(*(_text(cell) for cell in cells))
    console.print()
    console.print(table, highlight=False)
    console.print()
    for each in across.claims:
        shares = f"{each.a} against {each.b}, by {each.judge}: wins / ties / loses {wording.aligned(each.win, each.tie, each.lose)}"
        tested = f"net {wording.points(each.net)}, {wording.points_span(each.interval)}, p {wording.probability(each.p_holm)} by Holm"
        console.print(_text(f"{shares}, {tested}, {wording.plural(each.n, 'prompt')}"), highlight=False)
    for sentence in across.apart:
        console.print(_text(sentence, "dim"), highlight=False)
    if len(across.runs) > 1:
        console.print(_text(needed(across.runs)), highlight=False)


def _enough(summary: Summary) -> str:
    """How many examples are enough, of the claim's own family by the first judge."""
    return next((curve.sentence for curve in summary.curves if curve.family == summary.arms[0].family), "")


def _cost(cost: Cost) -> str:
    said = [wording.duration(cost.seconds), f"{cost.tokens_generated:,} tokens", wording.plural(cost.judge_calls, "judgement")]
    said += [] if cost.judge_cost is None else [f"{cost.judge_cost:.2f} for judging"]
    said += [] if cost.minutes is None else [f"{wording.duration(60 * cost.minutes)} of people's time"]
    claim = cost.by_arm[0] if cost.by_arm else None
    said += [f"{wording.duration(claim.seconds_per_point)} per point of {claim.arm}"] if claim and claim.seconds_per_point else []
    return "   ".join(said)


def _text(words: str, style: str = "") -> Text:
    """Control characters of names and errors as codes: nothing but text reaches a terminal."""
    return Text(visible(words), style)


def _question(question: Question) -> str:
    judges = f"{'judge' if len(question.judges) == 1 else 'judges'}: {wording.listed(question.judges)}"
    asked = [wording.plural(question.prompts, "prompt"), wording.plural(question.seeds, "seed")]
    return "   ".join([f"pool {question.pool:,}", f"base {question.base}", *asked, judges])


def _table(summary: Summary, arms: Sequence[ArmResult]) -> Table:
    claim = arms[0]
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column("arm", no_wrap=True)
    for heading in ("examples", "steps"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("rating", no_wrap=True)
    table.add_column(f"{claim.name} wins / ties / loses", justify="center")
    table.add_column("still knows", justify="right", no_wrap=True)
    for arm in arms:
        table.add_row(*(_text(cell) for cell in _cells(summary, arm)), style="bold" if arm is claim else "")
    return table


def _cells(summary: Summary, arm: ArmResult) -> list[str]:
    against = summary.comparison(arm.name)
    compared = (
        "failed"
        if arm.failed
        else ""
        if against is None
        else "void"
        if against.void
        else wording.aligned(against.win, against.tie, against.lose)
    )
    rating = f"{wording.rating(arm.mean_rating):<3}  {wording.span(arm.interval)}".rstrip()
    return [arm.name, f"{arm.examples:,}", f"{arm.steps:,}", rating, compared, wording.percent(arm.knowledge_after)]
