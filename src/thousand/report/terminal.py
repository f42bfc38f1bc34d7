"""The same summary in the terminal: one table, the verdict, the report's path last. It reads as well without colour."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from thousand.report import wording
from thousand.report.summary import ArmResult, Question, Summary


def show(summary: Summary, console: Console | None = None) -> None:
    """Print the summary.

    Args:
        console: where to; standard output when not given. The table needs 100 columns and keeps to its own width beyond.
    """
    console = console or Console(highlight=False)
    console.print()
    console.print(Text.assemble(("Was less more?", "bold"), f"      {_question(summary.question)}"), highlight=False)
    console.print()
    console.print(_table(summary), highlight=False)
    console.print()
    colour = {"less is more": "bold green", "more is more": "bold red"}.get(summary.verdict.outcome, "bold yellow")
    for sentence, style in (
        (summary.verdict.sentence, colour),
        (summary.verdict.knowledge, ""),
        *((each, "") for each in summary.verdict.set_aside),
    ):
        if sentence:
            console.print(Text(sentence, style), highlight=False)
    for warning in summary.warnings:
        console.print(Text.assemble(("note  ", "dim"), (warning, "dim")), highlight=False)
    if summary.report:
        console.print(Text.assemble("report  ", (summary.report, "cyan")), highlight=False, soft_wrap=True)


def _question(question: Question) -> str:
    judges = f"{'judge' if len(question.judges) == 1 else 'judges'}: {wording.listed(question.judges)}"
    asked = [wording.plural(question.prompts, "prompt"), wording.plural(question.seeds, "seed")]
    return "   ".join([f"pool {question.pool:,}", f"base {question.base}", *asked, judges])


def _table(summary: Summary) -> Table:
    claim = summary.arms[0]
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column("arm", no_wrap=True)
    for heading in ("examples", "steps"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("rating", no_wrap=True)
    table.add_column(f"{claim.name} wins / ties / loses", justify="center")
    table.add_column("still knows", justify="right", no_wrap=True)
    for arm in summary.arms:
        table.add_row(*(Text(cell) for cell in _cells(summary, arm)), style="bold" if arm is claim else "")
    return table


def _cells(summary: Summary, arm: ArmResult) -> list[str]:
    against = summary.comparison(arm.name)
    compared = "" if against is None else "void" if against.void else wording.aligned(against.win, against.tie, against.lose)
    rating = f"{wording.rating(arm.mean_rating):<3}  {wording.span(arm.interval)}".rstrip()
    return [arm.name, f"{arm.examples:,}", f"{arm.steps:,}", rating, compared, wording.percent(arm.knowledge_after)]
