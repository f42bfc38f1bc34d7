"""The parts of a summary that speak of a study beside its wins and losses: curves, noise, judges, shift of tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from thousand.statistics import Estimate

Bounds = tuple[float, float]


class Record(BaseModel):
    """A base for every part of a summary: unknown fields are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(Record):
    """A figure with its 95% interval, or the reason that there is none.

    Attributes:
        n: what it rests on: prompts, unless it is said otherwise.
        reason: why there is no value or no interval; empty when both are there.
    """

    value: float | None
    interval: Bounds | None = None
    n: int
    reason: str = ""

    @classmethod
    def of(cls, estimate: Estimate) -> Measured:
        """The same as a record."""
        ends = None if estimate.interval is None else (estimate.interval.low, estimate.interval.high)
        return cls(value=estimate.value, interval=ends, n=estimate.n, reason=estimate.reason)


class CurvePoint(Record):
    """One budget of a curve.

    Attributes:
        value, interval: mean rating, or net win against the claim; over prompts and seeds.
        loss: what the best budget has more, 0 for the best itself.
        loss_at_most: upper bound of the loss, 95% sure for all budgets of the curve at once; None when it cannot be had.
        loss_at_least: lower bound of it, as sure; 0 where this budget may be the best.
        enough: whether ``loss_at_most`` is within the margin.
    """

    arm: str
    budget: int
    steps: int
    epochs: float
    seeds: int
    n: int
    value: float
    interval: Bounds | None
    loss: float
    loss_at_most: float | None = None
    loss_at_least: float | None = None
    enough: bool = False


class CurveFit(Record):
    """A saturating curve through the budgets: limit - drop * (k / smallest) ** -rate, with drop and rate above zero.

    Attributes:
        at: budgets at which it is drawn, from the smallest to the largest that was tried and never beyond.
        values, low, high: the fit there, and its 95% band, the same resampled prompts and seeds refitted.
        off: the largest distance of a budget's mean from the fit, in the unit of the curve.
    """

    limit: float
    drop: float
    rate: float
    at: list[float]
    values: list[float]
    low: list[float]
    high: list[float]
    off: float


class Curve(Record):
    """How much a number of examples gives: one family of arms at several budgets, by one judge, on the criterion "overall".

    Attributes:
        family: the arms' common name.
        unit: ``rating``, or ``net`` wins against the claim (a share) where the judge saw pairs only.
        margin: the loss that is small enough not to mind, in that unit.
        points: in the order of the budgets.
        best: the budget with the highest value.
        smallest: the smallest budget shown to lose no more than the margin against the best; None when the data cannot tell.
        fit: None with fewer than four budgets or where no saturating curve could be fitted.
        sentence: the answer in words.
        notes: what to know about it, a sentence each: unequal numbers of steps, a curve that falls, arms that failed.
        needs_prompts, needs_seeds: about how many prompts, or how many seeds, would tell, where the data cannot.
        equal_steps: the family of the same choice at an equal number of steps, where there is one.
    """

    family: str
    judge: str
    unit: Literal["rating", "net"]
    margin: float
    points: list[CurvePoint]
    best: int
    smallest: int | None
    fit: CurveFit | None = None
    sentence: str
    notes: list[str] = []
    needs_prompts: int | None = None
    needs_seeds: int | None = None
    equal_steps: str | None = None


class NoiseBar(Record):
    """An arm against itself with another seed, by one judge: what another arm must leave to have shown something.

    Attributes:
        net: net wins of one seed against another; zero but for rounding, its interval is what matters. ``n`` counts prompts.
    """

    arm: str
    judge: str
    kind: Literal["rating", "pair"]
    seeds: int
    net: Measured


class Agreement(Record):
    """How far two judges agree about items that both decided, by LIMA's tie-discounted measure and others. ``n`` counts items."""

    first: str
    second: str
    tie_discounted: Measured
    chance: float | None
    above_chance: float | None
    strict: Measured
    kappa: Measured


class JudgeBias(Record):
    """What a judge leans on besides the answers, in its verdicts on the claim and another arm.

    Attributes:
        b: the other arm; None for all of them together.
        ties: share of verdicts that are ties. flips: share of pairs whose outcome changes with the order.
        first: how often the answer shown first wins, ties apart. position: wins of the first less those of the second, of all verdicts.
        longer: how often the longer answer wins, ties apart.
        win_rate: the claim's, ties as half.
        at_equal_length: the same with the help of length taken out (Dubois et al. 2024).
        length_slope: what being much longer is worth to the judge, in log odds.
        longer_by: mean characters by which the claim's answers are longer.
    """

    judge: str
    b: str | None
    kind: Literal["rating", "pair"]
    ties: Measured
    flips: Measured
    first: Measured
    position: Measured
    longer: Measured
    win_rate: Measured
    at_equal_length: Measured
    length_slope: Measured
    longer_by: float | None = None


class Known(Record):
    """What an arm knows of one kind of question, before and after alignment.

    Attributes:
        kind: ``sentence``, the form of questions with choices, or ``harness: TASK``.
        questions: asked; unscored: those of them of which it cannot be said whether the base knew.
        before, after: shares known, each with its standard error over questions; after is the mean over seeds.
        kept: share of what was known before that still is.
        p: of so much forgetting by chance; see `thousand.statistics.forgetting`. None where nothing was asked after alignment.
    """

    kind: str
    questions: int
    unscored: int = 0
    before: float | None
    before_error: float | None = None
    after: float | None = None
    after_error: float | None = None
    kept: float | None = None
    p: float | None = None


class ShiftAt(Record):
    """Tokens of a range of positions in the claim's answers: shares unshifted, marginal and shifted, and mean KL in nats.

    Attributes:
        interval: 95% of the share unshifted, over prompts; None when there are too few to say.
        kl: None where the two models have other tokens there.
    """

    first: int
    last: int
    tokens: int
    unshifted: float
    marginal: float
    shifted: float
    kl: float | None
    interval: Bounds | None = None


class ShiftedToken(Record):
    """A token as text, how often the aligned model chose it, and how often that was a shift."""

    token: str
    times: int
    shifted: int


class Shift(Record):
    """How far alignment moved the distribution of the next token, over the claim's own answers (Lin et al. 2023, URIAL).

    Attributes:
        tokens: those that the base has at their places; the shares are of these.
        unshifted, marginal, shifted: the base's likeliest token, one of its first three, any other. kl: KL(aligned || base) in nats.
        by_position: from the start of the answer.
        most_shifted: the tokens most often shifted first.
        prompts, seeds: answered and measured. unmeasured: answers that could not be.
        ended: ends of turn, which the base does not have; counted apart.
        unmatched: tokens at whose places the base has others of the same text.
        probability: of the aligned model's token by the base, mean over the tokens.
    """

    tokens: int
    unshifted: Measured
    marginal: Measured
    shifted: Measured
    kl: Measured
    by_position: list[ShiftAt] = []
    most_shifted: list[ShiftedToken] = []
    prompts: int = 0
    seeds: int = 1
    unmeasured: int = 0
    ended: int = 0
    unmatched: int = 0
    probability: float | None = None
