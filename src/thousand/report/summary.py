"""A run's result as typed objects: what ``--json`` prints and what the page, the terminal and the card are made from.

`docs/summary.md` describes every field.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["claim", "baseline", "guard", "base"]
Outcome = Literal["less is more", "no difference shown", "more is more", "cannot tell"]
Bounds = tuple[float, float]


class Record(BaseModel):
    """A base for every part of a summary: unknown fields are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Record):
    """What was asked: of how large a pool, of which base, over how many prompts and seeds, and who judged."""

    pool: int
    base: str
    prompts: int
    seeds: int
    judges: list[str]


class Verdict(Record):
    """The answer.

    Attributes:
        sentence: the answer in words; begins with the contamination when there is any.
        knowledge: what the base knew beforehand, in words; None unless it was measured and high.
        contaminated: whether a training set held a test prompt.
        set_aside: a sentence for each arm whose comparison proves nothing.
        by_judge: the outcome by each deciding judge alone.
    """

    outcome: Outcome
    sentence: str
    knowledge: str | None = None
    contaminated: bool = False
    set_aside: list[str] = []
    by_judge: dict[str, Outcome] = {}


class Rating(Record):
    """An arm's mean rating by one judge on one criterion.

    Attributes:
        interval: 95%, over prompts and seeds; None when there are too few to say.
        seeds_resampled: False when the arm has one seed and the interval speaks of prompts only.
        n: prompts with a rating.
        unparsed: ratings that could not be read.
    """

    judge: str
    criterion: str
    mean: float
    interval: Bounds | None
    seeds_resampled: bool
    n: int
    unparsed: int


class ArmResult(Record):
    """One arm: what it was trained on and what came of it.

    Attributes:
        mean_rating, interval: overall, by the first deciding judge that rates; None when none does.
        correct, correct_interval: share of answers that judge found correct; None when it does not say.
        ratings: every judge and criterion.
        knowledge_before: share of the knowledge questions the base knew; None when nothing was asked.
        knowledge_after: share of what the base knew that the arm still knows.
        stops: share of answers that ended with an end of turn.
        collapsed: whether alignment made it forget what the base knew.
    """

    name: str
    role: Role
    strategy: str | None = None
    guards: str | None = None
    budget: int | None = None
    seeds: int
    draws: int
    examples: int
    steps: int
    epochs: float
    mean_rating: float | None = None
    interval: Bounds | None = None
    correct: float | None = None
    correct_interval: Bounds | None = None
    ratings: list[Rating] = []
    knowledge_before: float | None = None
    knowledge_after: float | None = None
    stops: float | None = None
    collapsed: bool = False


class Comparison(Record):
    """The claim against another arm, by one judge on one criterion.

    Attributes:
        a, b: the claim and the other arm.
        kind: ``rating`` when each answer was rated by itself, ``pair`` when the judge saw both.
        win, tie, lose: shares of the prompts, in the claim's view; None when nothing could be compared.
        net: win - lose.
        interval: 95% of the net, over prompts and seeds.
        seeds_resampled: False when an arm has one seed, so that the interval does not speak of other seeds of it.
        p: paired sign-flip permutation test over prompts, two-sided.
        p_holm: p corrected for the number of arms; None for guards, which are not part of the claim.
        n: prompts with a verdict.
        unparsed: verdicts that could not be read.
        flipped: pairs on which the two orders disagreed, counted as ties.
        seeds_a, seeds_b: seeds of each arm that were judged.
        void: why this comparison proves nothing; None when it stands.
    """

    a: str
    b: str
    judge: str
    criterion: str
    kind: Literal["rating", "pair"]
    win: float | None
    tie: float | None
    lose: float | None
    net: float | None
    interval: Bounds | None
    seeds_resampled: bool
    p: float | None
    p_holm: float | None = None
    n: int
    unparsed: int
    flipped: int = 0
    seeds_a: int
    seeds_b: int
    void: str | None = None


class PoolCounts(Record):
    """The pool's account: ``read = kept + dropped + rejected``.

    Attributes:
        read: rows found in the sources.
        rejected: rows that could not be read, by reason.
        dropped: candidates dropped, by their first reason; each is counted once.
        reasons: candidates dropped, by every reason they have; may add up to more than ``dropped``.
        kept: candidates left to choose from.
        selected: examples of the claim's first draw.
        sources: rows read, by source.
        kept_sources: candidates kept, by source.
        licences: candidates by licence, "unknown" where none is given.
    """

    read: int
    rejected: dict[str, int] = {}
    dropped: dict[str, int] = {}
    reasons: dict[str, int] = {}
    kept: int
    selected: int = 0
    sources: dict[str, int] = {}
    kept_sources: dict[str, int] = {}
    licences: dict[str, int] = {}

    @property
    def candidates(self) -> int:
        """Rows that could be read."""
        return self.read - sum(self.rejected.values())

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.read == self.kept + sum(self.dropped.values()) + sum(self.rejected.values())


class Contamination(Record):
    """Held-out prompts in the data.

    Attributes:
        checked: False when the recipe switched the check off.
        words: longest run of words that may be shared before a row counts as holding a prompt.
        pool_rows: candidates that hold a held-out prompt; `curate` drops them.
        training_rows: rows of training sets that hold one, by arm, the highest of its draws; arms without any may be left out.
    """

    checked: bool = True
    words: int | None = None
    pool_rows: int = 0
    training_rows: dict[str, int] = {}


class Cost(Record):
    """What the run cost: seconds of wall time, tokens, calls, money in the judge's currency (None when free or unknown)."""

    seconds: float
    seconds_by_stage: dict[str, float]
    seconds_by_arm: dict[str, float]
    peak_memory_mb: float | None = None
    tokens_generated: int
    judge_calls: int
    judge_cost: float | None = None


class Summary(Record):
    """A run's result.

    Attributes:
        arms: in recipe order; the first is the claim.
        comparisons: the claim against every other arm, by judge and criterion.
        report: path of the page; empty until it is written.
        warnings: what could have fooled us, a sentence each.
    """

    verdict: Verdict
    question: Question
    arms: list[ArmResult]
    comparisons: list[Comparison]
    pool: PoolCounts
    contamination: Contamination
    cost: Cost
    report: str = ""
    warnings: list[str] = []

    def arm(self, name: str) -> ArmResult:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)

    def comparison(self, b: str, judge: str | None = None, criterion: str = "overall") -> Comparison | None:
        """The claim against arm ``b`` by a judge (the first deciding one when not given); direct pairs before ratings."""
        wanted = judge or (self.question.judges[0] if self.question.judges else None)
        found = [c for c in self.comparisons if (c.b, c.judge, c.criterion) == (b, wanted, criterion)]
        return min(found, key=lambda c: c.kind != "pair", default=None)
