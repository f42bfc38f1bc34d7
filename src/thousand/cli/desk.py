"""The desk: people review and judge in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from thousand.cli.app import app, variables


@app.command()
def desk(
    run_directory: Annotated[Path, typer.Argument(help="A run directory, such as runs/lab.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")] = 8321,
    host: Annotated[str, typer.Option("--host", help="Others reach it where this is not 127.0.0.1; then it needs a team.")] = "127.0.0.1",
    origin: Annotated[
        str | None, typer.Option("--origin", help="How people reach it, such as https://desk.example.org, where https is spoken before it.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", help="Where decisions are kept: postgresql://USER@HOST/DATABASE; a file of the run when not given."),
    ] = None,
    arm: Annotated[str | None, typer.Option("--arm", help="Whose selection is reviewed; the claim's when not given.")] = None,
    name: Annotated[str, typer.Option("--name", help="The name under which your own decisions are kept.")] = "owner",
    member: Annotated[
        list[str] | None, typer.Option("--member", help="NAME=ROLE gets a link: curator, judge or owner; may be given again.")
    ] = None,
    annotated: Annotated[
        Path | None, typer.Option("--annotated", help="Take in pairs that people judged elsewhere; a folder that is not there is made.")
    ] = None,
    columns: Annotated[Path | None, typer.Option("--columns", help="YAML: which column of --annotated says what.")] = None,
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
) -> None:
    """Review the chosen examples, and judge answers blind, in a browser. Ctrl-C ends it; what was decided is kept."""
    from thousand.desk.serve import Address, Desk
    from thousand.desk.store import Store
    from thousand.desk.where import VARIABLE

    address = Address(host, port, origin)
    if store:
        os.environ[VARIABLE] = store
    if annotated:
        _take_in(run_directory, annotated, columns)
    with Store.at(run_directory) as kept:
        served = Desk(run_directory, kept, address, owner=name, arm=arm, invited=variables(member))
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        typer.echo(served.link)
        for who, link in served.links.items():
            typer.echo(f"{who}: {link}")
        console.print("A link is as good as its owner: give each only to whom it is for. Ctrl-C ends the desk.", style="dim")
        if not address.loopback and not (origin or "").startswith("https:"):
            console.print(
                "Others reach it by plain http: on a network you do not trust put https before it and say so by --origin.", style="yellow"
            )
        if open_it and console.is_terminal:
            typer.launch(served.link)
        served.serve()
        console.print(f"The desk is closed. What was decided is kept in {kept.name}.")


def _take_in(run: Path, annotated: Path, columns: Path | None) -> None:
    from thousand.desk.annotated import import_annotated
    from thousand.desk.annotations import read_columns

    told = import_annotated(run, annotated, read_columns(columns) if columns else None)
    left = [f"{told.superseded:,} were judged again by the same person" if told.superseded else ""]
    left.append(f"{told.other:,} are of pairs without the claim" if told.other else "")
    typer.echo(
        f"{told.rows:,} rows of {told.people:,} people: {told.verdicts:,} verdicts on pairs, {told.graded:,} on answers by themselves; "
        + "".join(f"{each}; " for each in left if each)
        + f"{told.fresh:,} are new here."
    )
