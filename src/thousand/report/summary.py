"""A run's result as typed objects: what ``--json`` prints and what the page, the terminal and the card are made from.

`docs/summary.md` describes every field.
"""

from __future__ import annotations

from typing import Literal

from thousand.report.measures import Agreement, Bounds, Curve, JudgeBias, Known, Measured, NoiseBar, Record, Shift

__all__ = [
    "Agreement",
    "ArmCost",
    "ArmResult",
    "Bounds",
    "Comparison",
    "Contamination",
    "Cost",
    "Curve",
    "JudgeBias",
    "Known",
    "Measured",
    "NoiseBar",
    "Outcome",
    "PoolCounts",
    "Question",
    "Rating",
    "Record",
    "Role",
    "Shift",
    "Summary",
    "Verdict",
]

Role = Literal["claim", "variant", "baseline", "guard", "base"]
Outcome = Literal["less is more", "no difference shown", "more is more", "cannot tell"]


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
        warnings: what speaks against believing the outcome, a sentence each, the gravest first; what undermines the claim itself is in
            ``sentence`` too.
    """

    outcome: Outcome
    sentence: str
    knowledge: str | None = None
    contaminated: bool = False
    set_aside: list[str] = []
    by_judge: dict[str, Outcome] = {}
    warnings: list[str] = []


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
        known: what it knows of each kind of question, before and after.
        forgot: p-value of knowing less than the base by chance, over all questions; None where it was not asked again.
        stops: share of answers that ended with an end of turn.
        ended, limit, repeats: shares of its answers that ended by themselves, that the limit stopped, that go round in a circle.
        collapsed: whether alignment made it forget what the base knew, by more than chance.
        family: the name it shares with the same choice at other budgets; None for an arm with a budget of its own.
        failed: why it has no model; None when it has one. A failed arm has no ratings.
        length: mean characters of its answers; None where there are none.
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
    known: list[Known] = []
    forgot: float | None = None
    stops: float | None = None
    ended: float | None = None
    limit: float | None = None
    repeats: float | None = None
    collapsed: bool = False
    family: str | None = None
    failed: str | None = None
    length: float | None = None


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
        p_holm: p corrected for the number of arms; None for guards and variants, which the verdict does not rest on.
        n: prompts with a verdict.
        asked: verdicts, or ratings of both arms, that it was made from, those that could not be read included.
        unparsed: those that could not be read.
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
    asked: int = 0
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


class ArmCost(Record):
    """What one arm cost, and what a point gained by it cost.

    Attributes:
        seconds: wall time by stage (select, align, answer, judge), all seeds together; a stage that was not done is left out. What
            judging a pair took is shared by its two arms, and so is its price.
        minutes: people's, spent on reviewing its examples and judging its answers; None when nobody did or no time was kept.
        money: for judging its answers, in the judge's currency; None when free or unknown.
        gained, gained_interval: rating points over the untouched base on the same prompts; None with a reason.
        seconds_per_point, minutes_per_point, money_per_point: None where nothing was gained, or the cost is not known.
        reason: why there is no cost per point; empty when there is.
    """

    arm: str
    seconds: dict[str, float]
    minutes: float | None = None
    money: float | None = None
    gained: float | None = None
    gained_interval: Bounds | None = None
    seconds_per_point: float | None = None
    minutes_per_point: float | None = None
    money_per_point: float | None = None
    reason: str = ""


class Cost(Record):
    """What the run cost: seconds of wall time, tokens, calls, money in the judge's currency (None when free or unknown).

    Attributes:
        minutes: people's, reviewing and judging; None when nobody did.
        by_arm: every arm, in recipe order.
    """

    seconds: float
    seconds_by_stage: dict[str, float]
    seconds_by_arm: dict[str, float]
    peak_memory_mb: float | None = None
    tokens_generated: int
    judge_calls: int
    judge_cost: float | None = None
    minutes: float | None = None
    by_arm: list[ArmCost] = []


class Summary(Record):
    """A run's result.

    Attributes:
        arms: in recipe order; the first is the claim.
        comparisons: the claim against every other arm, by judge and criterion.
        report: path of the page; empty until it is written.
        warnings: what could have fooled us, a sentence each; the verdict's own stand in ``verdict.warnings``.
        curves: for each family of arms and each deciding judge, the claim's family first.
        noise: of each arm that a judge saw with two seeds or more, on the criterion "overall".
        agreement: every two judges that saw an item in common.
        alpha: Krippendorff's, of all judges together; None with fewer than two.
        biases: of each judge, against each arm and against all of them together.
        shift: how far alignment moved the distribution of the next token; None where it was not measured.
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
    curves: list[Curve] = []
    noise: list[NoiseBar] = []
    agreement: list[Agreement] = []
    alpha: Measured | None = None
    biases: list[JudgeBias] = []
    shift: Shift | None = None

    def arm(self, name: str) -> ArmResult:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)

    def comparison(self, b: str, judge: str | None = None, criterion: str = "overall") -> Comparison | None:
        """The claim against arm ``b`` by a judge (the first deciding one when not given); direct pairs before ratings."""
        wanted = judge or (self.question.judges[0] if self.question.judges else None)
        found = [c for c in self.comparisons if (c.b, c.judge, c.criterion) == (b, wanted, criterion)]
        return min(found, key=lambda c: c.kind != "pair", default=None)
