"""Stages that are done once: a stage is done when its manifest is written, last and atomically.

A stage's key is the hash of what went in (by content) and of its part of the recipe. Killed anywhere, a run finds the
manifests of what was finished and redoes only the rest; a changed threshold redoes only what stands on it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thousand import tables
from thousand.errors import ThousandError
from thousand.version import __version__


@dataclass(frozen=True)
class Manifest:
    """What a finished stage says of itself, in ``NAME.manifest.json`` beside its output.

    Attributes:
        key: hash of the inputs' digests, the settings and the version of Thousand.
        digest: hash of what was written; later stages are keyed by it.
        facts: what the stage wants remembered (counts, figures), as plain JSON.
        seconds: wall time of the work, the finished attempt only.
    """

    stage: str
    key: str
    digest: str
    inputs: Mapping[str, str]
    settings: Any
    facts: Mapping[str, Any]
    seconds: float
    version: str = __version__
    fresh: bool = field(default=False, compare=False)

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        record = asdict(self)
        del record["fresh"]
        write_text(path, json.dumps(record, indent=1, sort_keys=True) + "\n")

    @classmethod
    def load(cls, path: Path) -> Manifest | None:
        """The manifest at ``path``, or None where there is none that can be read: then the stage is not done."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # none, half a one, or one of another version
            return None


@dataclass(frozen=True)
class Stage:
    """A piece of work: what it is, what goes in, and where the result is to stand. The attributes are `once`'s arguments."""

    output: Path
    stage: str
    inputs: Mapping[str, str]
    settings: Any

    @property
    def key(self) -> str:
        """The name of the work."""
        return key_of(self.stage, self.inputs, self.settings)


def manifest_path(output: Path) -> Path:
    """Where the manifest of an output stands: beside it."""
    return output.with_name(f"{output.name}.manifest.json")


def key_of(stage: str, inputs: Mapping[str, str], settings: Any) -> str:
    """The name of a piece of work: equal exactly when stage, inputs, settings and version are."""
    record = json.dumps([stage, dict(sorted(inputs.items())), settings, __version__], sort_keys=True)
    return hashlib.sha256(record.encode()).hexdigest()[:32]


def done(output: Path, stage: str, inputs: Mapping[str, str], settings: Any) -> Manifest | None:
    """The manifest of the stage, if this very work is finished and its output still there."""
    manifest = Manifest.load(manifest_path(output))
    if manifest is None or manifest.key != key_of(stage, inputs, settings) or not output.exists():
        return None
    return manifest


def once(output: Path, stage: str, inputs: Mapping[str, str], settings: Any, make: Callable[[Path], Mapping[str, Any] | None]) -> Manifest:
    """Do a stage's work unless it is done.

    Args:
        output: the file or folder to appear when the work is whole.
        inputs: a digest for each input, by name.
        settings: the stage's part of the recipe, as plain JSON.
        make: writes the output to the path it is given and returns facts to remember. The path is ``output`` with
            ``.partial`` appended. If an earlier attempt at the same work was interrupted, a folder it left is still there
            to go on from; what other work left is cleared away.
    """
    return once_all({"": Stage(output, stage, inputs, settings)}, lambda partials: {"": make(partials[""])})[""]


def once_all(
    stages: Mapping[str, Stage], make: Callable[[Mapping[str, Path]], Mapping[str, Mapping[str, Any] | None]]
) -> dict[str, Manifest]:
    """Do several stages' work together, but for those that are done; as `once` does one.

    Args:
        make: is given the paths of the outputs still to be made, by name, and returns facts by name. The time it takes
            is shared out among them equally.
    """
    found = {name: done(each.output, each.stage, each.inputs, each.settings) for name, each in stages.items()}
    missing = {name: each for name, each in stages.items() if found[name] is None}
    if missing:
        partials = {name: _partial(each) for name, each in missing.items()}
        started = time.monotonic()
        facts = make(partials)
        seconds = (time.monotonic() - started) / len(missing)
        found |= {name: _finish(each, partials[name], facts[name] or {}, seconds) for name, each in missing.items()}
    return {name: each for name, each in found.items() if each is not None}


def _partial(stage: Stage) -> Path:
    """Where the stage's output is to be written: with what an interrupted attempt at the same work left there."""
    partial = stage.output.with_name(f"{stage.output.name}.partial")
    claim = stage.output.with_name(f"{stage.output.name}.partial.key")
    stage.output.parent.mkdir(parents=True, exist_ok=True)
    if not (claim.exists() and claim.read_text() == stage.key):
        remove(partial)
        write_text(claim, stage.key)
    return partial


def _finish(stage: Stage, partial: Path, facts: Mapping[str, Any], seconds: float) -> Manifest:
    digest = tables.digest(_place(partial, stage.output))
    manifest = Manifest(stage.stage, stage.key, digest, dict(stage.inputs), stage.settings, facts, round(seconds, 3))
    _done_with(stage.output, manifest)
    return Manifest(**{**asdict(manifest), "fresh": True})


def adopt(stage: Stage, whole: Path, made: Manifest) -> Manifest:
    """Take a stage's output, done elsewhere and whole, to its place; what an attempt at it left here goes.

    Args:
        whole: on the same file system as the output; it is moved.
    """
    remove(stage.output.with_name(f"{stage.output.name}.partial"))
    _place(whole, stage.output)
    _done_with(stage.output, made)
    return made


def _place(whole: Path, output: Path) -> Path:
    manifest_path(output).unlink(missing_ok=True)  # before the old output goes: a manifest never stands beside another's output
    remove(output)
    os.replace(whole, output)
    return output


def _done_with(output: Path, manifest: Manifest) -> None:
    manifest.save(manifest_path(output))
    output.with_name(f"{output.name}.partial.key").unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a small file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path, *, among: bool = False) -> Iterator[None]:
    """Hold a run directory: two processes in one would write over each other.

    Args:
        among: beside others that hold it so, too, and lock each stage with `held`; not beside one that holds it alone.

    Raises:
        ThousandError: another process holds it. The lock goes with its process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, (fcntl.LOCK_SH if among else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ThousandError(f"Another process is at work in {folder}.", "Wait for it to end, or choose another --out.") from None
        yield


@contextmanager
def held(lock: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a piece of work, on this or another machine that sees the file; it is let go with the process, however that ends.

    Args:
        waiting: called when another holds it, before it is waited for.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                waiting()
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
