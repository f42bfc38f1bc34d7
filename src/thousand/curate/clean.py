"""Texts made readable before anything is measured; what a row said before is kept beside it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from thousand import tables
from thousand.conversation import Message
from thousand.recipe import Clean

SCHEMA = tables.CANDIDATES.append(pa.field("original", tables.MESSAGES)).append(pa.field("changes", pa.list_(pa.string())))
"""The candidates, with ``original``: the messages as they were, null where nothing changed; and ``changes``: what was done."""


@dataclass(frozen=True)
class Cleaner:
    """From a part of the candidates to the same part with clean messages. ``id`` and ``content`` stay those of the original."""

    settings: Clean

    def __call__(self, part: pa.Table) -> pa.Table:
        """The part with the columns of `SCHEMA`."""
        conversations = part["messages"].to_pylist()
        done = [clean(messages, self.settings) for messages in conversations]
        originals = [old if changes else None for old, (_, changes) in zip(conversations, done, strict=True)]
        place = part.schema.get_field_index("messages")
        table = part.set_column(place, "messages", pa.array([messages for messages, _ in done], tables.MESSAGES))
        table = table.append_column("original", pa.array(originals, tables.MESSAGES))
        return table.append_column("changes", pa.array([changes for _, changes in done], pa.list_(pa.string())))


def clean(messages: list[Message], settings: Clean) -> tuple[list[Message], list[str]]:
    """The messages made readable, and the names of what was done to them."""
    return messages, []
