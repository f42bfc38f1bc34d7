"""Where everything stands in a run's directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Directory:
    """The paths of a run.

    Attributes:
        root: the run directory itself.
    """

    root: Path

    @property
    def candidates(self) -> Path:
        """What came in."""
        return self.root / "candidates"

    @property
    def rejected(self) -> Path:
        """What could not be read."""
        return self.root / "rejected"

    @property
    def ledger(self) -> Path:
        """Signals and reasons, row by row."""
        return self.root / "curate" / "ledger.parquet"

    @property
    def curated(self) -> Path:
        """The name of the work that the ledger is of; not there while it is being made."""
        return self.root / "curate" / "ledger.key"

    @property
    def texts(self) -> Path:
        """The candidates as cleaning left them."""
        return self.root / "curate" / "texts"

    @property
    def verdicts(self) -> Path:
        """What the judges said."""
        return self.root / "verdicts.parquet"

    @property
    def people(self) -> Path:
        """What people said at the desk; not there where nobody did."""
        return self.root / "desk" / "verdicts.parquet"

    @property
    def prompts(self) -> Path:
        """The held-out prompts, as a table."""
        return self.root / "prompts.parquet"

    @property
    def knowledge(self) -> Path:
        """What the untouched base knows."""
        return self.root / "knowledge.parquet"

    def arm(self, name: str) -> Path:
        """All of one arm."""
        return self.root / "arms" / name

    def seed(self, name: str, seed: int) -> Path:
        """All of one training: model, checkpoints, answers."""
        return self.arm(name) / f"seed-{seed}"

    def answers(self, name: str, seed: int) -> Path:
        """What it answers."""
        return self.seed(name, seed) / "answers.parquet"

    def known(self, name: str, seed: int) -> Path:
        """What it still knows."""
        return self.seed(name, seed) / "knowledge.parquet"

    def measured(self, name: str) -> Path:
        """What a further measurement of the claim found."""
        return self.root / "measured" / f"{name}.parquet"
