"""What people decided, carried out: an arm is chosen with it, and its examples become those that people made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.desk.decisions import Change
from thousand.desk.plan import Plan
from thousand.errors import DataError, RecipeError
from thousand.recipe import Arm
from thousand.run.made import Selected
from thousand.run.units import is_reviewed
from thousand.run.work import Work

DESK = "desk"
"""The source of examples that were written there."""
REVIEWED = pa.schema(
    [
        *tables.SELECTION,
        ("change", pa.string()),  # "accepted", "edited" or "written"; null where nobody has looked
        ("by", pa.list_(pa.string())),  # who says so
    ]
)


def plan_for(work: Work, name: str) -> Plan | None:
    """What is decided about an arm's examples; None where nothing is."""
    return work.decided.plan if is_reviewed(work.recipe, name) and work.decided else None


def asked(arm: Arm, name: str, plan: Plan) -> Arm:
    """The arm as it is chosen with the decisions: the examples that were written take places of its budget.

    Raises:
        RecipeError: examples were written for a budget of tokens.
        DataError: more is accepted than there are places.
    """
    if plan.written and arm.tokens is not None:
        raise RecipeError(
            f"arms.{name}.tokens: {len(plan.written):,} examples were written at the desk, and they take places of a budget of examples.",
            "Give a budget instead of tokens.",
        )
    budget = arm.budget
    if budget is not None:
        must, budget = len(plan.include), budget - len(plan.written)
        if must > budget:
            raise DataError(
                f"arms.{name}: the budget is {arm.budget:,} and the desk asks for {must + len(plan.written):,}: {_told(plan)}.",
                "Raise the budget, or reject some of them at the desk.",
            )
    include, exclude = [*arm.include, *plan.include], [*arm.exclude, *plan.exclude]
    return arm.model_copy(update={"include": include, "exclude": exclude, "budget": budget})


def explained(error: DataError, plan: Plan) -> DataError:
    """An error of the choice, with what the desk has to do with it."""
    what, _, remedy = str(error).partition("\n")
    asks = f"People's decisions hold whatever the recipe says: {_told(plan)}, {plan.rejected:,} rejected."
    return DataError(what, f"{remedy.strip()} {asks}".strip())


def reviewed(work: Work, name: str, selected: Selected, plan: Plan | None) -> Selected:
    """The examples as people left them, in ``reviewed.parquet`` (schema `REVIEWED`); the choice itself where they changed nothing.

    An edited row keeps the id and the content hash of its candidate. The digest is of what is trained on: who agrees to it
    changes nothing.
    """
    if plan is None:
        return selected

    def make(partial: Path) -> Mapping[str, Any]:
        table = carry_out(tables.read(selected.path), plan)
        tables.write(partial, table, REVIEWED)
        return {
            "examples": table.num_rows,
            **{stance: table["change"].to_pylist().count(stance) for stance in ("accepted", "edited", "written")},
            "rejected": plan.rejected,
            "not_applied": [vars(each) | {"by": list(each.by)} for each in plan.not_applied],
            "trained": tables.digest_values(tables.read(partial, tables.SELECTION.names)),  # as the choice's own is: read again
        }

    output = selected.path.with_name("reviewed.parquet")
    made = work.stages.once(output, "review", f"review: {name}", {"selection": selected.manifest.digest}, plan.record(), make)
    if made.facts["trained"] == selected.manifest.digest:
        return selected
    return Selected(output, replace(made, digest=made.facts["trained"], seconds=made.seconds + selected.manifest.seconds))


def carry_out(selection: pa.Table, plan: Plan) -> pa.Table:
    """Edits in their places and written examples after the last.

    Args:
        selection: schema `tables.SELECTION`.

    Returns:
        Schema `REVIEWED`.
    """
    rows = []
    for row in selection.to_pylist():
        change = plan.changes.get(row["content"])
        row |= {"change": None, "by": None}
        if change is not None:
            edits = {"messages": change.messages} if change.messages is not None else {}
            row |= {"change": "edited" if edits else "accepted", "by": list(change.by)} | edits
        rows.append(row)
    rows += [_written(change, rank) for rank, change in enumerate(plan.written, len(rows) + 1)]
    return pa.Table.from_pylist(rows, REVIEWED)


def _written(change: Change, rank: int) -> dict[str, Any]:
    own = {"rank": rank, "id": f"{DESK}-{change.subject}", "content": change.subject, "source": DESK, "origin": f"{DESK}:{change.subject}"}
    said = {"messages": change.messages, "reason": "written at the desk", "change": "written", "by": list(change.by)}
    return dict.fromkeys(REVIEWED.names) | own | said


def _told(plan: Plan) -> str:
    stances = Counter("edited" if change.messages is not None else "accepted" for change in plan.changes.values())
    named = len(plan.include) - sum(stances.values())
    told = (f"{stances['accepted']:,} accepted", f"{stances['edited']:,} edited", f"{named:,} named to take a place")
    return ", ".join((*told, f"{len(plan.written):,} written"))
