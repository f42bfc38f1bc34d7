"""The life of one candidate, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from thousand.curate import Life


def show(life: Life, console: Console | None = None) -> None:
    """Print it: where it stood, what it says, what it measured, and what became of it."""
    console = console or Console(highlight=False)
    console.print(Text(f"{life.id}  {life.origin}  {life.source}", style="bold"))
    for name, value in (("licence", life.licence), ("link", life.link), ("content", life.content)):
        if value:
            console.print(Text(f"{name:<9}{value}"))
    for message in life.messages:
        console.print()
        console.print(Text(f"{message['role']}: ", style="bold").append(message["content"], style="not bold"))
    console.print()
    if life.original is not None:
        console.print(Text(f"changed: {', '.join(life.changes)}; before that it said:"))
        for message in life.original:
            console.print(Text(f"{message['role']}: {message['content']}", style="dim"))
        console.print()
    table = Table("signal", "value", "rule", "", box=None, pad_edge=False)
    for each in life.measures:
        value = f"{each.value:.4g}" if each.value is not None else f"none: {each.why}"
        table.add_row(each.signal, Text(value), each.rule or "", Text("broken", style="red") if each.broken else "")
    console.print(table)
    console.print()
    console.print(Text("kept" if life.kept else f"dropped: {', '.join(life.reasons)}", style="bold"))
    if life.twin:
        console.print(Text(f"the copy that stays is {life.twin}, similarity {life.similarity:.3f}"))
    if life.rivals:
        console.print(Text(f"other answers to its question: {', '.join(life.rivals)}"))
