"""The stages of a run: each done once, timed, and told to whoever shows how the run goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from thousand.manifest import Manifest, Stage, done, held, once
from thousand.run.shared import Shared


class Listener(Protocol):
    """Whoever shows how a run goes on."""

    def stage(self, name: str, *, total: float | None = None) -> None:
        """A stage begins; ``total`` is its amount of work, if known."""

    def advance(self, done: float) -> None:
        """So much of the stage is done."""

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        """A stage is done: now, or (``fresh`` False) in an earlier run."""

    def failed(self, name: str, why: str) -> None:
        """An arm's seed could not be done; the others go on."""

    def note(self, text: str) -> None:
        """Something to know, in words."""

    def expect(self, stages: int) -> None:
        """So many stages remain, those already done included."""


class Silent:
    """Shows nothing."""

    def stage(self, name: str, *, total: float | None = None) -> None:
        """Nothing."""

    def advance(self, done: float) -> None:
        """Nothing."""

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        """Nothing."""

    def failed(self, name: str, why: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def expect(self, stages: int) -> None:
        """Nothing."""


class Stages:
    """What a run does, one stage after the other; several processes may do so in one directory.

    Args:
        shared: where finished stages are put for other runs, and taken from; None shares none.

    Attributes:
        seconds: spent on each verb, now or in an earlier attempt.
    """

    def __init__(self, listener: Listener, shared: Shared | None = None) -> None:
        self.listener, self.shared = listener, shared
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._seen: dict[tuple[Path, str], Manifest] = {}

    def once(
        self,
        output: Path,
        stage: str,
        label: str,
        inputs: Mapping[str, str],
        settings: Any,
        make: Callable[[Path], Any],
        total: float | None = None,
        *,
        alone: bool = False,
    ) -> Manifest:
        """One stage, shown and timed: `thousand.manifest.once` with a label for people and, if known, the amount of work.

        What several arms stand on is asked for by each of them; it is done, shown and counted for the first.

        Args:
            alone: the output does not stand by itself, and so is not shared.
        """
        work = Stage(output, stage, inputs, settings)
        if (output, work.key) in self._seen:
            return self._seen[output, work.key]
        self.listener.stage(label, total=total)
        made = self._do(work, label, make, None if alone else self.shared)
        self.seconds[stage.split(".")[0]] += made.seconds
        self.listener.finished(label, made.seconds, fresh=made.fresh)
        self._seen[output, work.key] = made
        return made

    def _do(self, work: Stage, label: str, make: Callable[[Path], Any], shared: Shared | None) -> Manifest:
        def waiting() -> None:
            self.listener.note(f"{label}: another process is at it; waiting")

        def do() -> Manifest:
            return once(work.output, work.stage, work.inputs, work.settings, make)

        with held(work.output.with_name(f".{work.output.name}.lock"), waiting):
            if shared is None or done(work.output, work.stage, work.inputs, work.settings):
                return do()
            with ExitStack() as making:
                try:
                    making.enter_context(shared.making(work, waiting))
                    taken = shared.take(work, self.listener.note)
                except OSError as error:
                    self._alone(label, error)
                    return do()
                if taken is not None:
                    return taken
                made = do()
                try:
                    shared.give(work, made)
                except OSError as error:
                    self._alone(label, error)
                return made

    def _alone(self, label: str, error: OSError) -> None:
        """To share saves time: where it fails that is no reason to stop."""
        self.listener.note(f"{label}: not shared with other runs ({error.strerror or error}): see --shared and --no-shared")
