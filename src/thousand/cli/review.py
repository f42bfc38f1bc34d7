"""What the desk's decisions come to, and their way out of a run and into another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from thousand.cli.app import Json, app, print_result
from thousand.errors import DataError


@app.command()
def review(
    run_directory: Annotated[Path, typer.Argument(help="A run directory, such as runs/lab.")],
    export: Annotated[Path | None, typer.Option("--export", help="Write every event to this file, as JSON Lines.")] = None,
    bring: Annotated[
        Path | None, typer.Option("--import", help="Take in the events of such a file; what is there already stays as it is.")
    ] = None,
    members: Annotated[
        bool, typer.Option("--members", help="With --import: take in who may enter the desk, too, from a file that you trust.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what people decided at the desk, what waits to be settled, and what no longer applies.

    The next `thousand run` in the directory carries it out.
    """
    from thousand.desk import Store, fold
    from thousand.desk.account import account
    from thousand.desk.exchange import import_events, write_events

    store = Store.at(run_directory) if bring else Store.find(run_directory)
    if store is None:
        raise DataError(f"Nobody has decided anything about {run_directory}.", "Open its desk: thousand desk RUN.")
    with store:
        brought = import_events(store, bring, members=members) if bring else None
        events = store.events()
    decisions = fold(events)
    told = account(events, decisions)
    gone = _not_applied(run_directory)
    lines = [told.sentence()]
    lines += [f"Conflict about {each.subject}: {each.conflict}." for each in decisions.conflicts]
    lines += [f"{each['subject']}, {each['stance']} by {' and '.join(each['by'])}, does not apply: {each['reason']}." for each in gone]
    result: dict[str, Any] = asdict(told) | {"conflicts_about": {each.subject: each.conflict for each in decisions.conflicts}}
    result["not_applied"] = gone
    if brought is not None:
        lines.append(f"{brought.fresh:,} of the {brought.events:,} events in {bring} are new.")
        if brought.members:
            lines.append(f"{brought.members:,} more would let somebody into the desk and are left out; --members takes them in.")
        result["imported"] = asdict(brought)
    if export is not None:
        result["exported"] = write_events(export, events)
        lines.append(f"{len(events):,} events are in {export}.")
    print_result(result, as_json, "\n".join(lines))


def _not_applied(run: Path) -> list[dict[str, Any]]:
    """What the pool that the run has now, and its recipe, leave of no use; nothing can be said where one of them is missing."""
    if not ((run / "recipe.yaml").is_file() and (run / "curate" / "ledger.parquet").is_file()):
        return []
    from thousand.recipe import load
    from thousand.run.deciding import decided
    from thousand.run.directory import Directory

    found = decided(load(run / "recipe.yaml"), Directory(run))
    return [vars(each) for each in found.plan.not_applied] if found and found.plan else []
