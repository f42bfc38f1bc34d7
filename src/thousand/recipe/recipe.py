"""The whole run, as one checked model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from thousand.recipe.align import PRESETS, Adapter, Align
from thousand.recipe.answer import Answer
from thousand.recipe.arm import Arm
from thousand.recipe.curate import Curate
from thousand.recipe.knowledge import Knowledge, file_or_all
from thousand.recipe.margin import Margin
from thousand.recipe.part import Choice, Name, Part, beside, merged, no_such, one_or_many
from thousand.recipe.short import bases_of, each_budget


class Prompts(Part):
    """Prompt files: ``test`` is answered and judged; ``dev``, if any, serves to choose and is never judged."""

    test: str
    dev: str | None = None


class Recipe(Part):
    """The whole run. The first arm is the claim; every other arm is what it must beat.

    Attributes:
        base: a folder; of several the first, until `on` has chosen one.
        bases: those that were written as ``base: {name: folder}``: the same is asked of each. Empty for one.
        knowledge: questions asked before and after alignment: the name of a file, or `Knowledge`.
        measure: what is measured of the claim's models besides their answers; see `thousand.run.measurements`.
        engine: who works on the pool: ``here``, ``local`` (a process per core), ``local:4``, ``ray`` or ``ray://host:10001``.
        embedding: the folder of a sentence-transformers model that says how alike prompts are, for strategies that ask; TF-IDF
            when not given.
        margin: the loss against the best budget that is small enough not to mind.
    """

    name: Name = "run"
    base: str
    bases: dict[Name, str] = {}
    pool: Annotated[list[Choice], BeforeValidator(one_or_many), Field(min_length=1)]
    prompts: Prompts
    knowledge: Annotated[Knowledge | None, BeforeValidator(file_or_all)] = None
    curate: Curate = Curate()
    arms: Annotated[dict[Name, Arm], Field(min_length=1)]
    align: Align = Align()
    answer: Answer = Answer()
    judge: Annotated[list[Choice], BeforeValidator(one_or_many)] = []
    measure: Annotated[list[Choice], BeforeValidator(one_or_many)] = []
    engine: str | None = None
    embedding: str | None = None
    margin: Margin = Margin()
    seeds: Annotated[int, Field(gt=0)] = 3

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, value: Any) -> Any:
        return each_budget(bases_of(value)) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _arms_stand_on_each_other(self) -> Recipe:
        if self.bases and self.base != next(iter(self.bases.values())):
            raise ValueError("base: several are written as one mapping, base: {name: folder}")
        for name, arm in self.arms.items():
            if arm.guard is not None and (arm.guard not in self.arms or self.arms[arm.guard].select is None):
                family = [other for other, each in self.arms.items() if each.family == arm.guard]
                several = f"{arm.guard!r} stands for several arms; name one of them: {', '.join(family)}"
                raise ValueError(f"arms.{name}.guard: {several if family else f'{arm.guard!r} is not an arm that is trained'}")
            if arm.guard is not None and name == self.claim:
                raise ValueError(f"arms.{name}: the first arm is the claim and cannot be a guard")
            self.training(name)
        claim = self.arms[self.claim]
        if claim.select is None:
            raise ValueError(f"arms.{self.claim}: the first arm is the claim and must select something")
        for name, arm in self.arms.items():
            if claim.budget is not None and (arm.in_context or 0) > claim.budget:
                raise ValueError(f"arms.{name}.in_context: {arm.in_context} is more than the first arm's budget of {claim.budget}")
        return self

    @property
    def claim(self) -> str:
        """The name of the first arm."""
        return next(iter(self.arms))

    def on(self, base: str) -> Recipe:
        """The same asked of one of several bases, by its name."""
        return self.model_copy(update={"base": self.bases[base], "bases": {}})

    def training(self, arm: str) -> Align:
        """The settings an arm is trained with: the recipe's with the arm's own over them.

        A preset of the arm's own takes the place of the recipe's. What the recipe says that differs from its preset stays, but for what
        it says of the preset's adapter, which goes with it.
        """
        own = self.arms[arm].align
        kept = self.align.model_dump()
        if "preset" in own:
            plain = Align(preset=self.align.preset).model_dump()
            if plain["adapter"] is None and kept["adapter"] is not None:
                plain["adapter"] = Adapter().model_dump()
            elif plain["adapter"] is not None and "adapter" not in PRESETS.get(str(own["preset"]), {}):
                kept["adapter"] = plain["adapter"]  # it is the preset's, and goes with it
            kept = {name: value for name, value in beside(kept, plain).items() if name != "preset"}
        if isinstance(own.get("choose"), str):
            own = {**own, "choose": {"by": own["choose"]}}
        if "epochs" in own:
            kept["steps"] = None
        try:
            return Align.model_validate(merged(kept, own))
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(["arms", arm, "align", *map(str, problem["loc"])])
            if problem["type"] == "extra_forbidden":
                raise ValueError(f"{field}: {no_such(str(problem['loc'][-1]), list(Align.model_fields))}") from None
            found = f", found {problem['input']!r}" if problem["loc"] else ""
            raise ValueError(f"{field}: {problem['msg'].removeprefix('Value error, ')}{found}") from None
