"""What people said at a run's desk, as a table for the judge `people`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.desk.blind import Shown, every, names, secret_of
from thousand.desk.events import Event
from thousand.desk.items import SENSITIVE, TASKS, Key, items
from thousand.desk.store import Store
from thousand.desk.verdicts import heard, ledger, take_in


def said(run: Path, answers: Mapping[Key, pa.Table], claim: str) -> pa.Table:
    """The verdicts of everybody who judged these answers, and of all together. Schema `tables.VERDICTS`; empty where nobody did.

    Args:
        run: the run directory.
        answers: tables of schema `tables.ANSWERS`, by arm and seed. Verdicts on others are left out.

    Raises:
        ThousandError: there is a desk, and its events cannot be read.
    """
    store = Store.find(run)
    if store is None:
        return tables.VERDICTS.empty_table()
    with store:
        events = store.events(kinds=["verdict"])
    standing: dict[tuple[str, str], Event] = {}
    take_in(standing, events)
    tags = {prompt: [SENSITIVE] for table in answers.values() for prompt in table["prompt_id"].to_pylist()}  # whatever was asked of them
    ways = every(item for task in TASKS for item in items(task, answers, claim, tags)) if events else []
    secret = secret_of(run)

    @cache
    def of(who: str) -> Mapping[str, Shown]:
        return names(secret, who, ways)

    return ledger(heard(standing, of).counted)
