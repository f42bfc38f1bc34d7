"""What a run's finished stages say, gathered up for the report."""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from thousand import tables
from thousand.answer import stops
from thousand.judge import make
from thousand.recipe import Recipe
from thousand.report import ArmEvidence, Contamination, Evidence, NotApplied, PoolCounts, Reviewed, shift
from thousand.report.summary import Role
from thousand.run.arms import Trained
from thousand.run.deciding import Decided
from thousand.run.made import Selected
from thousand.run.measuring import Measured

CONTAMINATION, RESEMBLES = "contamination", "resembles_prompt"
_SHOWN = 50


def collect(
    recipe: Recipe,
    out: Path,
    *,
    gathered: Mapping[str, Any],
    ledger: Path,
    arms: Mapping[str, Trained],
    verdicts: Path,
    base_knowledge: Path | None,
    prompts: int,
    seconds: Mapping[str, float],
    measured: Measured,
    decided: Decided | None = None,
) -> Evidence:
    """Everything the report is made from, out of the run directory.

    Args:
        measured: further measurements of the claim.
        decided: what people said of its examples.
    """
    claim = next(iter(arms))
    table, said = tables.read(ledger), tables.read(verdicts)
    deciding = [each.name for each in make(recipe.judge) if each.decides]
    people = [name for name in deciding if name == tables.PEOPLE]
    awaited = [name for name in people if name not in set(said["judge"].to_pylist())]
    return Evidence(
        recipe=recipe,
        arms=[_arm(name, recipe, trained, decided) for name, trained in arms.items()],
        verdicts=said,
        judges=[name for name in deciding if name not in awaited],
        pool=_pool(gathered, table, out, arms[claim]),
        contamination=_contamination(recipe, table, arms, out),
        prompts=prompts,
        base_knowledge=tables.read(base_knowledge) if base_knowledge else None,
        people=people,
        awaited=awaited,
        judging_minutes=_minutes(said),
        reviewed=[Reviewed(**vars(each)) for each in decided.account.people] if decided else (),
        conflicts=decided.account.conflicts if decided else 0,
        not_applied=_not_applied(decided),
        seconds=dict(seconds),
        peak_memory_mb=_peak_memory(),
        shift=shift.measured(tables.read(measured.tables["shift"])) if "shift" in measured.tables else None,
        unmeasured=measured.failed,
    )


def _role(name: str, recipe: Recipe) -> Role:
    arm, claim = recipe.arms[name], recipe.arms[recipe.claim]
    if name == recipe.claim:
        return "claim"
    if arm.family is not None and (arm.family == claim.family or arm.chooses_as(claim)):
        return "variant"
    return "guard" if arm.kind == "guard" else "base" if arm.kind == "base" else "baseline"


def _arm(name: str, recipe: Recipe, trained: Trained, decided: Decided | None) -> ArmEvidence:
    arm = recipe.arms[name]
    whole = Trained() if trained.failed else trained  # the seeds that happened to succeed are not a fair sample of an arm
    selections = [tables.read(each.path) for each in trained.selections]
    answered = {seed: _answers(path) for seed, path in whole.answers.items()}
    facts = trained.alignments[0].facts if trained.alignments else {}
    licences = Counter(licence or "unknown" for licence in selections[0]["licence"].to_pylist()) if selections else Counter[str]()
    return ArmEvidence(
        name=name,
        role=_role(name, recipe),
        strategy=arm.select or {"shown": "in_context", "preferred": "preferences"}.get(arm.kind),
        guards=arm.guard,
        budget=arm.budget,
        examples=facts.get("examples", arm.in_context or 0),
        steps=facts.get("steps", 0),
        epochs=facts.get("epochs", 0.0),
        draws=len(selections) or 1,
        selections=[each if name == recipe.claim else each.slice(0, _SHOWN) for each in selections],  # the claim's are published
        licences=dict(licences.most_common()),
        answers=answered,
        stopped=_stopped(answered),
        knowledge={seed: tables.read(path) for seed, path in whole.knowledge.items()},
        checkpoints={seed: tables.read(path) for seed, path in whole.checkpoints.items()},
        family=arm.family,
        failed=trained.failed,
        minutes=decided.account.minutes if decided and decided.plan and name == recipe.claim else None,
        seconds=sum(trained.seconds.values()),
        seconds_by_stage=dict(trained.seconds),
    )


def _not_applied(decided: Decided | None) -> list[NotApplied]:
    plan = decided.plan if decided else None
    return [NotApplied(each.subject, each.stance, each.by, each.reason) for each in plan.not_applied] if plan else []


def _stopped(answered: Mapping[int, pa.Table]) -> Mapping[str, float]:
    """How the answers of all seeds together stopped; nothing where there are none."""
    found = stops(pa.concat_tables(answered.values())) if answered else None
    return vars(found) if found else {}


def _minutes(verdicts: pa.Table) -> float | None:
    """What people spent on judging at the desk; None where nobody did."""
    took = [
        seconds
        for judge, seconds in zip(verdicts["judge"].to_pylist(), verdicts["seconds"].to_pylist(), strict=True)
        if judge.startswith(tables.person("")) and seconds is not None
    ]
    return sum(took) / 60 if took else None


def _pool(gathered: Mapping[str, Any], ledger: pa.Table, out: Path, claim: Trained) -> PoolCounts:
    """The account, each dropped row under the first of its reasons, and every reason beside it."""
    reasons = ledger["reasons"].to_pylist()
    rejected = tables.read(out / "rejected", ["reason"])["reason"].to_pylist()
    named = tables.read(out / "candidates", ["source", "licence"])
    kept_sources = named["source"].filter(pc.equal(ledger["kept"], True)).to_pylist()
    return PoolCounts(
        read=gathered["read"],
        rejected=_counts(rejected),
        dropped=_counts(each[0] for each in reasons if each),
        reasons=_counts(reason for each in reasons for reason in each),
        kept=sum(not each for each in reasons),
        selected=claim.selections[0].manifest.facts["examples"] if claim.selections else 0,
        sources={source: counts["read"] for source, counts in gathered["by_source"].items()},
        kept_sources=_counts(kept_sources),
        licences=_counts(licence or "unknown" for licence in named["licence"].to_pylist()),
    )


def _answers(path: Path) -> pa.Table:
    """A table of answers; one of an earlier run has not the columns that came later."""
    table = tables.read(path)
    for each in tables.ANSWERS:
        if each.name not in table.column_names:
            table = table.append_column(each, pa.nulls(table.num_rows, each.type))
    return table


def _counts(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _contamination(recipe: Recipe, ledger: pa.Table, arms: Mapping[str, Trained], out: Path) -> Contamination:
    settings = recipe.curate.contamination
    if settings is None or not {CONTAMINATION, RESEMBLES} & set(ledger.column_names):
        return Contamination(checked=False)
    ids = ledger["id"].to_pylist()
    holds: set[str] = set()
    for name, most in ((CONTAMINATION, 0.0), (RESEMBLES, settings.similarity or 1.0)):
        if name in ledger.column_names:
            holds |= {i for i, value in zip(ids, ledger[name].to_pylist(), strict=True) if value is not None and value > most}
    trained = {name: max(_hits(selection, holds) for selection in arm.selections) for name, arm in arms.items() if arm.selections}
    return Contamination(words=settings.run, pool_rows=len(holds), training_rows={k: v for k, v in trained.items() if v})


def _hits(selection: Selected, ids: set[str]) -> int:
    """Rows that hold a held-out prompt: those of the pool by their ids; pairs, which are not of the pool, were looked at when drawn."""
    own: int | None = selection.manifest.facts.get("contaminated")
    return sum(each in ids for each in tables.read(selection.path, ["id"])["id"].to_pylist()) if own is None else own


def _peak_memory() -> float:
    """Highest resident memory of this process, in MB: the system counts in kB on Linux and in bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
