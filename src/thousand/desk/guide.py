"""The style guide beside the examples, and what is checked, gently, while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thousand.manifest import Manifest, manifest_path
from thousand.recipe import Band

SUBJECT = "guide"
DEFAULT = """\
**Acknowledge, then answer.** Begin with a sentence that shows the question was understood; then answer it.

**One voice.** A helpful, even-tempered assistant. Not the author of a post: no “I”, no “my experience”, no greeting or signature.

**Complete in itself.** Nothing refers to other answers, to links or to what cannot be seen.

**As long as it needs.** Say the thing, then why, then what to watch for. Lists where things are counted, code where code is meant.

**Right.** If you cannot tell whether it is true, reject it.
"""
"""After LIMA (Zhou et al. 2023, arXiv 2305.11206), section 2.2: answers in the style of a helpful AI assistant, uniform in tone; many
acknowledge the question before they answer it."""
CHARACTERS = (1200.0, 4096.0)
"""LIMA, section 2.1: the length of an answer taken from an exchange."""


@dataclass(frozen=True)
class Checks:
    """Bounds of a response's length, and where they are from.

    Attributes:
        unit: characters or words.
    """

    unit: str
    least: float | None
    most: float | None
    source: str

    def row(self) -> dict[str, Any]:
        """It as a JSON object."""
        return asdict(self)


def bands(run: Path) -> Mapping[str, Band]:
    """The rules that the run's ledger was made with, by signal; empty where its manifest is of another version."""
    record = Manifest.load(manifest_path(run / "curate" / "ledger.parquet"))
    given = record.settings.get("bands", {}) if record is not None and isinstance(record.settings, dict) else {}
    return {name: Band.model_validate(band) for name, band in given.items()}


def checks(rules: Mapping[str, Band], source: str) -> Checks:
    """The bounds for an example of a source: the recipe's rule over characters or words that is for it, or LIMA's."""
    for unit in ("characters", "words"):
        band = rules.get(unit)
        if band is not None and (not band.only or source in band.only or set(source.split(":", 1)) & set(band.only)):
            return Checks(unit, band.least, band.most, "the recipe")
    return Checks("characters", *CHARACTERS, "LIMA’s answers of exchanges")


def words(band: Band) -> str:
    """A rule as one says it."""
    match band.least, band.most:
        case None, None:
            text = "any"
        case None, most:
            text = f"at most {most:,g}"
        case least, None:
            text = f"at least {least:,g}"
        case least, most:
            text = f"{least:,g} to {most:,g}"
    return f"{text}, for {', '.join(band.only)}" if band.only else text
