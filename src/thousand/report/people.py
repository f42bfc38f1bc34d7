"""What people did at the desk, as the report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reviewed:
    """What holds of what one person decided about the claim's examples: the last thing they said of each.

    Attributes:
        who: their name at the desk.
        accepted, edited, rejected, written: examples.
        skipped: examples they put off and did not come back to.
        minutes: spent on it, breaks left out.
    """

    who: str
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    written: int = 0
    skipped: int = 0
    minutes: float = 0.0


@dataclass(frozen=True)
class NotApplied:
    """A decision that was not carried out.

    Attributes:
        example: its content hash.
        decision: "accepted", "edited", "rejected" or "written".
        by: who decided.
        reason: why it was not carried out, in words.
    """

    example: str
    decision: str
    by: Sequence[str]
    reason: str
