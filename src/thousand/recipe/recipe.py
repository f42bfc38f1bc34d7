"""The whole run, as one checked model."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from thousand.recipe.align import Align
from thousand.recipe.answer import Answer
from thousand.recipe.arm import Arm
from thousand.recipe.curate import Curate
from thousand.recipe.part import Choice, Name, Part, merged, no_such, one_or_many


class Prompts(Part):
    """Prompt files: ``test`` is answered and judged; ``dev``, if any, serves to choose and is never judged."""

    test: str
    dev: str | None = None


class Recipe(Part):
    """The whole run. The first arm is the claim; every other arm is what it must beat.

    Attributes:
        engine: who works on the pool: ``here``, ``local`` (a process per core), ``local:4``, ``ray`` or ``ray://host:10001``.
        embedding: the folder of a sentence-transformers model that says how alike prompts are, for strategies that ask; TF-IDF
            when not given.
    """

    name: Name = "run"
    base: str
    pool: Annotated[list[Choice], BeforeValidator(one_or_many), Field(min_length=1)]
    prompts: Prompts
    knowledge: str | None = None
    curate: Curate = Curate()
    arms: Annotated[dict[Name, Arm], Field(min_length=1)]
    align: Align = Align()
    answer: Answer = Answer()
    judge: Annotated[list[Choice], BeforeValidator(one_or_many)] = []
    engine: str | None = None
    embedding: str | None = None
    seeds: Annotated[int, Field(gt=0)] = 3

    @model_validator(mode="after")
    def _arms_stand_on_each_other(self) -> Recipe:
        first = next(iter(self.arms))
        for name, arm in self.arms.items():
            if arm.guard is not None and (arm.guard not in self.arms or self.arms[arm.guard].select is None):
                raise ValueError(f"arms.{name}.guard: {arm.guard!r} is not an arm that is trained")
            if arm.guard is not None and name == first:
                raise ValueError(f"arms.{name}: the first arm is the claim and cannot be a guard")
            self.training(name)
        if self.arms[first].select is None:
            raise ValueError(f"arms.{first}: the first arm is the claim and must select something")
        return self

    def training(self, arm: str) -> Align:
        """The settings an arm is trained with: the recipe's with the arm's own over them.

        A preset of the arm's own takes the place of the recipe's; what the recipe says beside its preset stays.
        """
        own = self.arms[arm].align
        kept = self.align.model_dump()
        if "preset" in own:
            plain = Align(preset=self.align.preset).model_dump()
            kept = {name: value for name, value in kept.items() if name != "preset" and value != plain[name]}
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
