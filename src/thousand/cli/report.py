"""What finished runs came to: one again, several side by side, a published table tested."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thousand.cli.app import Json, app, print_result
from thousand.errors import RecipeError


@app.command()
def report(
    runs: Annotated[list[Path] | None, typer.Argument(help="A run directory, such as runs/lab; several are compared.")] = None,
    counts: Annotated[
        Path | None, typer.Option("--counts", help="Instead of a run, a file of published wins, ties and losses: CSV or JSON Lines.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Of several runs, or of --counts: the folder for a page and its figures.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a finished run's result again, compare several runs, or test a published table."""
    from thousand.report import publish_across, publish_counts, read_counts, show, show_across, tell_counts
    from thousand.run.finished import compared, finished

    if bool(runs) == (counts is not None):
        raise RecipeError("A report is of run directories or of --counts, one of them.", "Name a run, such as runs/lab.")
    if counts is not None:
        found = read_counts(counts)
        page = f"\n\nreport  {publish_counts(found, out)}" if out else ""
        print_result({"comparisons": [each.model_dump() for each in found]}, as_json, tell_counts(found) + page)
        return
    if runs and len(runs) == 1 and (runs[0] / "summary.json").is_file():
        if out is not None:
            raise RecipeError("--out is for several runs: the page of one stands in its directory.", "Leave --out, or name another run.")
        summary = finished(runs[0])
        typer.echo(summary.model_dump_json(indent=1)) if as_json else show(summary)
        return
    across = compared(runs or [])
    written = publish_across(across, out) if out else None
    if as_json:
        typer.echo(across.model_dump_json(indent=1))
        return
    show_across(across)
    if written:
        typer.echo(f"report  {written}")
