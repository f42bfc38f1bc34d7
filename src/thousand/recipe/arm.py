"""One training set under test: what is chosen, by whom, out of what, and how much of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from thousand.recipe.part import Name, Part, Share, one_or_many

Kind = Literal["trained", "guard", "shown", "preferred", "base"]

Count = Annotated[
    Annotated[int, Field(strict=True, ge=0)] | Annotated[float, Field(strict=True, ge=0, le=1)], Field(union_mode="left_to_right")
]


_TAKES: Mapping[Kind, tuple[str, ...]] = {"preferred": ("budget", "draws", "align")}
"""What an arm that chooses no rows may say besides its seeds."""


class Between(Part):
    """At least so many and at most so many, each a number of rows or, between 0 and 1 and with a point, a share of the budget."""

    least: Count | None = None
    most: Count | None = None


def _count_or_bounds(value: Any) -> Any:
    """One thing said of a count that is none, where the union would tell the reader of each of its parts."""
    if isinstance(value, Between) or (isinstance(value, Mapping) and set(value) <= {"least", "most"}):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or (isinstance(value, float) and value > 1):
        raise ValueError("a number of rows belongs here, a share from 0.0 to 1.0, or {least, most}")
    return value


Wanted = Annotated[Count | Between, Field(union_mode="left_to_right"), BeforeValidator(_count_or_bounds)]
"""How many of a class: so many exactly, or between two bounds."""


class Arm(Part):
    """One training set under test; ``{}`` is the untouched base.

    Attributes:
        select: a strategy of `thousand.select.strategies`, with options of its own in ``options``.
        budget: examples to choose, exactly; None, which only ``all`` allows without ``tokens``, takes every one.
        tokens: instead of a budget, the most that the examples may cost together, by the signal ``tokens``.
        quota: for a column (source, licence, author, tags, or a signal) and each of its classes (a signal's are bands, "100..400")
            how many of the examples: a number, a share, or ``{least, most}``.
        safety: the least share of examples that decline something, by the signal ``refusal``.
        include, exclude: rows that must and must not be chosen, by id or origin ("pool.jsonl:12"), or a file of such, one a line.
        strata: the column whose values are the strata, for strategies that have some.
        like: a file of examples of what is wanted, for strategies that aim at some.
        source: choose from the ``kept`` rows of the ledger or from the whole ``pool``. Baselines default to the pool: it is
            what curation must beat.
        quality: a signal, or several to multiply by rank, that says which rows are better.
        gate: share of rows, the worst by quality, that are left out before choosing.
        sources: only candidates of these sources, by form ("chat"), file ("pool.jsonl") or both ("chat:pool.jsonl").
        placebo: deal the rules' decisions and the quality out to rows at random before choosing: a control, which must not win.
        draws: how many independent draws to spread over the seeds.
        seeds: how many seeds, if not the recipe's number.
        align: settings of `Align` that differ in this arm.
        guard: the name of another arm. This arm trains the first arm's selection with that arm's settings for as many steps, to
            show whether so much training does harm by itself.
        in_context: instead of training, the untouched base is shown so many of the first arm's examples, its first by rank, before
            each prompt (URIAL, Lin et al. 2023).
        preferences: a file of prompts with a chosen and a rejected answer, which the base is trained to prefer (DPO, Rafailov et al.
            2023); ``budget`` is of pairs, None takes every one.
        review: whether people's decisions at the desk apply to this arm; None applies them to the first.
        family: the name under which several budgets of one arm were written, ``budget: [100, 25]``; such arms make a curve.
    """

    select: str | None = None
    budget: Annotated[int, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(gt=0)] | None = None
    quota: dict[str, dict[str, Wanted]] = {}
    safety: Share = 0.0
    include: Annotated[list[str], BeforeValidator(one_or_many)] = []
    exclude: Annotated[list[str], BeforeValidator(one_or_many)] = []
    strata: str = "source"
    like: str | None = None
    source: Literal["kept", "pool"] | None = None
    quality: list[str] = []
    gate: Annotated[float, Field(ge=0, lt=1)] = 0.0
    sources: list[str] = []
    placebo: bool = False
    draws: Annotated[int, Field(gt=0)] = 1
    seeds: Annotated[int, Field(gt=0)] | None = None
    options: dict[str, Any] = {}
    align: dict[str, Any] = {}
    guard: str | None = None
    in_context: Annotated[int, Field(gt=0)] | None = None
    preferences: str | None = None
    review: bool | None = None
    family: Name | None = None

    @property
    def kind(self) -> Kind:
        """How it becomes a model."""
        if self.guard is not None:
            return "guard"
        if self.in_context is not None:
            return "shown"
        if self.preferences is not None:
            return "preferred"
        return "base" if self.select is None else "trained"

    def chooses_as(self, other: Arm) -> bool:
        """Whether both choose alike: they differ at most in how many, how often and how it is trained on."""
        beside = {"budget", "draws", "seeds", "align", "family"}
        return self.kind == other.kind and self.model_dump(exclude=beside) == other.model_dump(exclude=beside)

    @model_validator(mode="before")
    @classmethod
    def _one_quality_or_many(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("quality"), str):
            return {**value, "quality": [value["quality"]]}
        return {} if value is None else value

    @model_validator(mode="after")
    def _says_one_thing(self) -> Arm:
        kind, kinds = self.kind, ("select", "guard", "in_context", "preferences")
        said = [name for name, field in type(self).model_fields.items() if getattr(self, name) != field.default]
        if kind == "guard" and (self.select or self.align):
            raise ValueError(
                "a guard trains the first arm's selection as the arm it guards is trained; it has no select or align of its own"
            )
        if sum(name in said for name in kinds) > 1:
            raise ValueError("an arm is one of select, guard, in_context and preferences")
        stray = [name for name in said if kind != "trained" and name not in (*kinds, "seeds", "family", *_TAKES.get(kind, ()))]
        if stray and kind == "base":
            raise ValueError(
                f"an arm that selects nothing is the untouched base, and has no {stray[0]}; say `select: ...` or leave it empty: {{}}"
            )
        if stray:
            takes = " and ".join([", ".join(_TAKES[kind]), "seeds"]) if kind in _TAKES else "seeds"
            name = {"guard": "guard", "shown": "in_context", "preferred": "preferences"}[kind]
            raise ValueError(f"an arm of {name} takes no fields but {takes}, found {stray[0]}")
        if self.select is not None and self.select != "all" and (self.budget is None) == (self.tokens is None):
            raise ValueError(f"select: {self.select} needs a budget, of examples (budget) or of tokens (tokens)")
        if self.select == "all" and not (self.budget is None and self.tokens is None and not self.quota and not self.safety):
            raise ValueError("select: all takes every row; for some of them say `select: random`")
        if self.gate and not self.quality:
            raise ValueError("a gate needs a quality to judge by")
        return self
