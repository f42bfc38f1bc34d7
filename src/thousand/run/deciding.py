"""What people decided at the desk of a run, as it bears on the pool that the run has now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from thousand import tables
from thousand.answer import read_prompts
from thousand.conversation import Message, prompt_of
from thousand.curate import near_to_prompts
from thousand.desk import Decisions, Store, fold
from thousand.desk.account import Account, account
from thousand.desk.decisions import DECIDES
from thousand.desk.plan import Copy, Plan, plan, subjects
from thousand.recipe import Recipe
from thousand.run.directory import Directory

_CONTAMINATED = {"contamination", "resembles_prompt"}


@dataclass(frozen=True)
class Decided:
    """Read once: what is decided while a run goes on counts for the next.

    Attributes:
        plan: what it comes to; None where nothing ever was decided.
    """

    decisions: Decisions
    account: Account
    plan: Plan | None


def decided(recipe: Recipe, directory: Directory) -> Decided | None:
    """The decisions of a run's desk, or None where it has none.

    Raises:
        ThousandError: its store cannot be read.
    """
    store = Store.find(directory.root)
    if store is None:
        return None
    with store:
        events = store.events()
    decisions = fold(events)
    told = account(events, decisions)
    if not any(event.kind in DECIDES for event in events):
        return Decided(decisions, told, None)

    def held_out(texts: Sequence[Sequence[Message]]) -> Sequence[str | None]:
        return near_to_prompts(texts, held_out_prompts(recipe), recipe.curate)

    copies = _copies(directory.ledger, subjects(decisions))
    return Decided(decisions, told, plan(decisions, copies, held_out))


def held_out_prompts(recipe: Recipe) -> list[str]:
    """What no model may be trained on: the prompts of the test and those that checkpoints are chosen by."""
    files = filter(None, (recipe.prompts.test, recipe.prompts.dev))
    return [prompt_of(messages) for file in files for messages in read_prompts(Path(file))["messages"].to_pylist()]


def _copies(ledger: Path, contents: set[str]) -> dict[str, list[Copy]]:
    """The candidates with these contents."""
    found: dict[str, list[Copy]] = defaultdict(list)
    wanted = pa.array(sorted(contents), pa.string())
    for part in tables.batches(ledger, ["id", "content", "kept", "reasons"]):
        for row in part.filter(pc.is_in(part["content"], value_set=wanted)).to_pylist():
            found[row["content"]].append(Copy(row["id"], row["kept"], clean=not _CONTAMINATED & set(row["reasons"])))
    return dict(found)
