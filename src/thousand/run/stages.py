"""The stages of a run: each done once, timed, and told to whoever shows how the run goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from thousand.manifest import Manifest, key_of, once


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

    def expect(self, stages: int) -> None:
        """Nothing."""


class Stages:
    """What a run does, one stage after the other.

    Attributes:
        seconds: spent on each verb, now or in an earlier attempt.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
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
    ) -> Manifest:
        """One stage, shown and timed: `thousand.manifest.once` with a label for people and, if known, the amount of work.

        What several arms stand on is asked for by each of them; it is done, shown and counted for the first.
        """
        name = (output, key_of(stage, inputs, settings))
        if name in self._seen:
            return self._seen[name]
        self.listener.stage(label, total=total)
        made = once(output, stage, inputs, settings, make)
        self.seconds[stage.split(".")[0]] += made.seconds
        self.listener.finished(label, made.seconds, fresh=made.fresh)
        self._seen[name] = made
        return made
