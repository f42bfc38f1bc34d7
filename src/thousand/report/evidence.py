"""What a run knows when it ends: everything the report is made from. `thousand.run` fills it; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from thousand.recipe import Recipe
from thousand.report.choice import Picture
from thousand.report.people import NotApplied, Reviewed
from thousand.report.summary import Contamination, PoolCounts, Role, Shift


@dataclass(frozen=True)
class ArmEvidence:
    """One arm as it was really trained and answered.

    Attributes:
        name: as in the recipe; the name its verdicts carry.
        role: ``claim`` (the first arm), ``variant`` (the claim's choice at another budget), ``baseline``, ``guard``, or ``base`` for the
            untouched base.
        strategy: the selection strategy ("random", "longest", "all", ...); None for the base and for guards.
        guards: for a guard, the arm whose number of steps it shares.
        budget: examples asked for; None when the recipe gave no number.
        examples: examples trained on, in one draw.
        steps: optimizer steps of one seed; 0 for the base.
        epochs: passes over the examples; 0 for the base.
        draws: independent draws of the training set.
        selections: one table (`tables.SELECTION`) for each draw; empty for the base. May be cut to its first ranks for the
            page, so it is never counted; the claim's first draw is whole, since its data set is written from it.
        licences: examples by licence in the first draw ("unknown" where none is given).
        answers: one table (`tables.ANSWERS`) for each seed.
        stopped: shares of the answers of all seeds that ``ended``, met the ``limit``, or go round in circles (``repeats``).
        knowledge: one table (`tables.KNOWLEDGE`) for each seed, asked after alignment; empty when nothing was asked.
        checkpoints: one table (`tables.CHECKPOINTS`) for each seed; empty where the last one was kept without a choice.
        seconds: wall time spent on this arm, all seeds: selecting, training, answering.
        seconds_by_stage: the same apart, by the names of the verbs (select, align, answer).
        family: the name it shares with the same choice at other budgets; None for an arm with a budget of its own.
        failed: why it has no model; None when it has one.
        minutes: people's, spent on reviewing its examples; None when nobody did.
    """

    name: str
    role: Role
    strategy: str | None = None
    guards: str | None = None
    budget: int | None = None
    examples: int = 0
    steps: int = 0
    epochs: float = 0.0
    draws: int = 1
    selections: Sequence[pa.Table] = ()
    licences: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[int, pa.Table] = field(default_factory=dict)
    stopped: Mapping[str, float] = field(default_factory=dict)
    knowledge: Mapping[int, pa.Table] = field(default_factory=dict)
    checkpoints: Mapping[int, pa.Table] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_by_stage: Mapping[str, float] = field(default_factory=dict)
    family: str | None = None
    failed: str | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Evidence:
    """A run, ready to be summed up.

    Attributes:
        recipe: as run.
        arms: in recipe order; the first is the claim.
        verdicts: `tables.VERDICTS`, of every judge, arm and seed. Pairs may stand in either direction.
        judges: the judges that decide, in the recipe's order; other judges in ``verdicts`` are shown and do not decide.
        pool: what came in and what became of it.
        contamination: held-out prompts found in the pool and in training sets.
        prompts: held-out prompts asked of every arm.
        base_knowledge: `tables.KNOWLEDGE` of the untouched base, or None when nothing was asked.
        seconds: wall time of each stage of the run, in the order of the verbs.
        peak_memory_mb: highest resident memory of the run's processes; None when unknown.
        picture: what the arms chose beside what they chose from; None where none chose.
        shift: how far alignment moved the distribution of the next token; None where it was not measured.
        unmeasured: measurements that could not be made, and why.
        people: names of the judges that are people; awaited: those among them whose verdicts are not there yet.
        judging_minutes: people's, spent on judging; None when nobody did.
        reviewed: what each person decided about the claim's examples at the desk.
        conflicts: examples about which people differ, and which nobody has settled: what was said of them applies nothing.
        not_applied: what people decided about examples and could not be carried out.
    """

    recipe: Recipe
    arms: Sequence[ArmEvidence]
    verdicts: pa.Table
    judges: Sequence[str]
    pool: PoolCounts
    contamination: Contamination
    prompts: int
    base_knowledge: pa.Table | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float | None = None
    picture: Picture | None = None
    shift: Shift | None = None
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[str] = ()
    awaited: Sequence[str] = ()
    judging_minutes: float | None = None
    reviewed: Sequence[Reviewed] = ()
    conflicts: int = 0
    not_applied: Sequence[NotApplied] = ()

    @property
    def claim(self) -> ArmEvidence:
        """The arm that every other is compared with."""
        return self.arms[0]
