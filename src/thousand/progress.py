"""How a run goes on, in the terminal: the stage at work, all stages, and the time that remains."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text


class Shown:
    """A listener that draws two bars: the whole run and its current stage. Without a terminal it prints one line a stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._whole: TaskID | None = None
        self._stage: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, stages: int) -> None:
        """So many stages remain, those already done included."""
        self._whole = self._progress.add_task("[bold]all", total=stages)

    def stage(self, name: str, *, total: float | None = None) -> None:
        """A stage begins."""
        if self._stage is not None:
            self._progress.remove_task(self._stage)
        self._stage = self._progress.add_task(name, total=total)

    def advance(self, done: float) -> None:
        """So much of the stage is done."""
        if self._stage is not None:
            self._progress.update(self._stage, completed=done)

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        """A stage is done."""
        if self._whole is not None:
            self._progress.advance(self._whole)
        if not self._console.is_terminal:
            self._console.print(f"{name}: {f'{seconds:.1f} s' if fresh else 'already done'}", highlight=False, soft_wrap=True)

    def failed(self, name: str, why: str) -> None:
        """An arm's seed could not be done: said at once, in a terminal, too."""
        self._console.print(Text(f"{name}: failed: {why}", style="red"), soft_wrap=True)

    def note(self, text: str) -> None:
        """Something to know."""
        self._console.print(Text(text), soft_wrap=True)
