"""A run as its user writes it: one YAML file, read into checked models. Errors name the file, the line and the field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from thousand.errors import RecipeError

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[
    Annotated[int, Field(strict=True, ge=0)] | Annotated[float, Field(strict=True, ge=0, le=1)], Field(union_mode="left_to_right")
]


class Part(BaseModel):
    """A base for every part of a recipe: unknown fields are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(Part):
    """One thing chosen by name with its options, written ``name: value`` or ``name: {option: value}``."""

    name: str
    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_mapping(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and len(value) == 1 and "name" not in value:
            name, options = next(iter(value.items()))
            return {"name": name, "options": options if isinstance(options, dict) else {"path": options}}
        if isinstance(value, dict) and "name" in value and set(value) <= {"name", "options"}:
            return value
        raise ValueError("expected one name with its options, such as `chat: pool.jsonl`")


class Prompts(Part):
    """Prompt files: ``test`` is answered and judged; ``dev``, if any, serves to choose and is never judged."""

    test: str
    dev: str | None = None


class Band(Part):
    """The values a signal may have: from ``least`` to ``most``, both included; an open end is None.

    Attributes:
        only: the sources the rule is for, by form ("stackexchange"), file ("pool.jsonl") or both; all when there is none.
    """

    least: float | None = None
    most: float | None = None
    only: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return {"least": value[0], "most": value[1]}
        return value

    @model_validator(mode="after")
    def _holds_something(self) -> Band:
        if self.least is not None and self.most is not None and not self.least <= self.most:
            raise ValueError(f"no value lies between {self.least:g} and {self.most:g}")
        return self


class Clean(Part):
    """How texts are made readable before anything is measured. What a row said before is kept beside it.

    Attributes:
        normalise: mend broken encodings, Unicode and white space.
        mask: private matter to put placeholders for, by the names of `thousand.curate.private`.
    """

    normalise: bool = True
    mask: list[str] = []


class Duplicates(Part):
    """Which candidates are copies of each other. Of several the best is kept.

    Attributes:
        kind: ``exact``: equal but for case, spacing and punctuation; ``near``: similar word trigrams; ``semantic``: similar
            vectors.
        over: what is compared: the prompt, the response, or both as one text.
        threshold: the Jaccard similarity (near) or cosine (semantic) from which two are copies.
        model: a folder with a sentence-transformers model, for ``semantic``; None takes TF-IDF.
    """

    kind: Literal["exact", "near", "semantic"]
    over: Literal["both", "prompt", "response"] = "both"
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None
    model: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if isinstance(value, dict) and len(value) == 1 and "kind" not in value:
            kind, rest = next(iter(value.items()))
            return {"kind": kind, **(rest if isinstance(rest, dict) else {"threshold": rest})}
        return value

    @property
    def reason(self) -> str:
        """What the ledger calls a row that is dropped as such a copy."""
        return f"{self.kind}_copy" if self.over == "both" else f"{self.kind}_copy_of_{self.over}"

    @property
    def least(self) -> float:
        """The threshold, or the kind's own."""
        return self.threshold or {"exact": 1.0, "near": 0.8, "semantic": 0.95}[self.kind]


class Contamination(Part):
    """When a candidate counts as one of the held-out prompts.

    Attributes:
        run: the words in a row that it may not share with one; LIMA's family uses 8 and 13. None does not look.
        similarity: the cosine between its prompt and one above which it is the same; None does not look. The default is for
            weighed words: of 52,002 Alpaca prompts against 950 held-out ones, all ten above it were copies or near copies.
    """

    run: Annotated[int, Field(ge=3)] | None = 8
    similarity: Annotated[float, Field(gt=0, le=1)] | None = 0.75

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"run": value, "similarity": None} if isinstance(value, int) else value


class Curate(Part):
    """How candidates become a ledger.

    Attributes:
        clean: what is done to the texts first.
        preset: the rules to start from, by name; see `thousand.curate.presets`.
        rules: bands over signals that change or add to the preset; None switches a rule off.
        signals: further signals to compute and keep, each with its options. A signal with a rule need not be named.
        best_answer: of several answers to one question only the best may go on.
        duplicates: the kinds of copies that are dropped, in this order.
        contamination: which candidates are too near to a held-out prompt; a number is the longest run of shared words. None
            does not check.
    """

    clean: Clean = Clean()
    preset: str = "general"
    rules: dict[str, Band | None] = {}
    signals: list[Choice] = []
    best_answer: bool = True
    duplicates: list[Duplicates] = [Duplicates(kind="near")]
    contamination: Contamination | None = Contamination()


class Align(Part):
    """How a base is fine-tuned. The defaults are LIMA's (section 2 of the paper).

    Attributes:
        epochs, steps: how long; exactly one may be given, ``steps`` wins over the default.
        batch: examples per optimizer step, over all devices.
        micro_batch: examples per forward pass, a divisor of the batch; None means the batch.
        learning_rate, final_learning_rate: linear from the first down to the last, no warm-up.
        residual_dropout: of the last layer; it rises linearly from 0 at the first.
        loss_on: ``responses``, or ``all`` for the prompts too.
        max_tokens: longest example. ``too_long`` says whether longer ones are dropped or cut before the end of turn.
        end_of_turn: a token to use as end of turn; None takes a reserved one of the tokenizer, or adds one.
        checkpoints: whether every epoch is saved, to be chosen from and to resume from.
    """

    epochs: Annotated[float, Field(gt=0)] = 15
    steps: Annotated[int, Field(gt=0)] | None = None
    batch: Annotated[int, Field(gt=0)] = 32
    micro_batch: Annotated[int, Field(gt=0)] | None = None
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    final_learning_rate: Annotated[float, Field(gt=0)] = 1e-6
    beta1: Share = 0.9
    beta2: Share = 0.95
    weight_decay: Annotated[float, Field(ge=0)] = 0.1
    gradient_clip: Annotated[float, Field(gt=0)] = 1.0
    residual_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    loss_on: Literal["responses", "all"] = "responses"
    max_tokens: Annotated[int, Field(gt=1)] = 2048
    too_long: Literal["drop", "cut"] = "cut"
    end_of_turn: Annotated[str, Field(min_length=1)] | None = None
    checkpoints: bool = True
    precision: Literal["float32", "bfloat16"] = "float32"

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {} if value == "lima" else value

    @model_validator(mode="after")
    def _can_be_done(self) -> Align:
        if self.final_learning_rate >= self.learning_rate:
            raise ValueError(f"final_learning_rate ({self.final_learning_rate:g}) must be below learning_rate ({self.learning_rate:g})")
        if self.batch % (self.micro_batch or self.batch):
            raise ValueError(f"batch ({self.batch}) must be a multiple of micro_batch ({self.micro_batch})")
        return self


class Answer(Part):
    """How answers are sampled. The defaults are LIMA's (section 4.1): the penalty is on generated tokens only."""

    temperature: Annotated[float, Field(ge=0)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    repetition_penalty: Annotated[float, Field(ge=1)] = 1.2
    max_tokens: Annotated[int, Field(gt=0)] = 2048
    samples: Annotated[int, Field(gt=0)] = 1
    batch: Annotated[int, Field(gt=0)] = 64
    plain: str = "Question: {prompt} Answer:"

    @model_validator(mode="after")
    def _has_a_place_for_the_prompt(self) -> Answer:
        if "{prompt}" not in self.plain:
            raise ValueError("plain must contain {prompt}: it is how a base without a chat template is asked")
        return self


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


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
    """

    select: str | None = None
    budget: Annotated[int, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(gt=0)] | None = None
    quota: dict[str, dict[str, Wanted]] = {}
    safety: Share = 0.0
    include: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    exclude: Annotated[list[str], BeforeValidator(_one_or_many)] = []
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

    @model_validator(mode="before")
    @classmethod
    def _one_quality_or_many(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("quality"), str):
            return {**value, "quality": [value["quality"]]}
        return {} if value is None else value

    @model_validator(mode="after")
    def _says_one_thing(self) -> Arm:
        if self.guard and (self.select or self.align):
            raise ValueError(
                "a guard trains the first arm's selection as the arm it guards is trained; it has no select or align of its own"
            )
        chooses = (self.budget, self.tokens, self.quota, self.safety, self.include, self.exclude, self.like, self.align, self.quality)
        if self.select is None and self.guard is None and any(chooses):
            raise ValueError("an arm that selects nothing is the untouched base; say `select: ...` or leave it empty: {}")
        if self.select is not None and self.select != "all" and (self.budget is None) == (self.tokens is None):
            raise ValueError(f"select: {self.select} needs a budget, of examples (budget) or of tokens (tokens)")
        if self.select == "all" and not (self.budget is None and self.tokens is None and not self.quota and not self.safety):
            raise ValueError("select: all takes every row; for some of them say `select: random`")
        if self.gate and not self.quality:
            raise ValueError("a gate needs a quality to judge by")
        return self


class Recipe(Part):
    """The whole run. The first arm is the claim; every other arm is what it must beat.

    Attributes:
        engine: who works on the pool: ``here``, ``local`` (a process per core), ``local:4``, ``ray`` or ``ray://host:10001``.
        embedding: the folder of a sentence-transformers model that says how alike prompts are, for strategies that ask; TF-IDF
            when not given.
    """

    name: Name = "run"
    base: str
    pool: Annotated[list[Choice], BeforeValidator(_one_or_many), Field(min_length=1)]
    prompts: Prompts
    knowledge: str | None = None
    curate: Curate = Curate()
    arms: Annotated[dict[Name, Arm], Field(min_length=1)]
    align: Align = Align()
    answer: Answer = Answer()
    judge: Annotated[list[Choice], BeforeValidator(_one_or_many)] = []
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
        """The settings an arm is trained with: the recipe's with the arm's own over them."""
        own = self.arms[arm].align
        kept = self.align.model_dump()
        if "epochs" in own:
            kept["steps"] = None
        try:
            return Align.model_validate(kept | own)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(["arms", arm, "align", *map(str, problem["loc"])])
            if problem["type"] == "extra_forbidden":
                raise ValueError(f"{field}: {_no_such(str(problem['loc'][-1]), list(Align.model_fields))}") from None
            found = f", found {problem['input']!r}" if problem["loc"] else ""
            raise ValueError(f"{field}: {problem['msg'].removeprefix('Value error, ')}{found}") from None


def load(path: Path, variables: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe.

    Args:
        variables: values for ``${name}`` in the file, as given by ``--var name=value``.

    Raises:
        RecipeError: the file is missing, is not YAML, or does not fit; with file, line and field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise RecipeError(
            f"There is no recipe at {path}.", "Give the path of a YAML file; recipes/lab.yaml is one to start from."
        ) from None
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not text: {error}.") from None
    try:
        tree = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{line}: not YAML: {getattr(error, 'problem', error)}.") from None
    if not isinstance(tree, yaml.MappingNode):
        raise RecipeError(f"{path}: a recipe is a mapping of fields to values; this one is empty or something else.")
    lines: dict[tuple[str, ...], int] = {}
    record = _construct(tree, (), lines, path, variables or {})
    try:
        return Recipe.model_validate(record)
    except ValidationError as error:
        raise RecipeError("\n".join(_explain(problem, lines, path) for problem in error.errors())) from None


def dump(recipe: Recipe) -> str:
    """The recipe as YAML with every default filled in."""
    record = recipe.model_dump(mode="json")
    return yaml.dump(record, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Loader(yaml.SafeLoader):
    """YAML 1.1 but for numbers such as 5e-4, which it takes for text and people do not."""


class _Dumper(yaml.SafeDumper):
    """Puts text in quotes where the loader would take it for such a number."""


for _side in (_Loader, _Dumper):
    _side.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+\Z"), list("+-0123456789"))

_DEEPEST = 20  # no recipe is nested so deeply, unless a part of it holds itself
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _construct(node: yaml.Node, at: tuple[str, ...], lines: dict[tuple[str, ...], int], path: Path, variables: Mapping[str, str]) -> Any:
    """Plain data from a YAML tree, remembering the line of every field."""
    lines[at] = node.start_mark.line + 1
    if len(at) > _DEEPEST:
        raise RecipeError(f"{path}:{lines[at]}: {'.'.join(at[:3])} is nested too deeply.")
    if isinstance(node, yaml.MappingNode):
        record: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in record:
                raise RecipeError(f"{path}:{key_node.start_mark.line + 1}: {'.'.join((*at, key))} is given twice.")
            record[key] = _construct(value_node, (*at, key), lines, path, variables)
            lines[(*at, key)] = key_node.start_mark.line + 1
        return record
    if isinstance(node, yaml.SequenceNode):
        return [_construct(each, (*at, str(i)), lines, path, variables) for i, each in enumerate(node.value)]
    loader = _Loader("")
    try:
        plain = loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:  # a tag that is not plain data, a date that is none
        raise RecipeError(f"{path}:{lines[at]}: {'.'.join(at)}: {getattr(error, 'problem', error)}.") from None
    finally:
        loader.dispose()
    if not isinstance(plain, str):
        return plain

    def fill(match: re.Match[str]) -> str:
        if match[1] not in variables:
            raise RecipeError(f"{path}:{lines[at]}: {'.'.join(at)} needs a value for {match[0]}.", f"Add --var {match[1]}=VALUE.")
        return variables[match[1]]

    return _PLACEHOLDER.sub(fill, plain)


def _explain(problem: Any, lines: Mapping[tuple[str, ...], int], path: Path) -> str:
    at = tuple(map(str, problem["loc"]))
    if at[:1] in (("pool",), ("judge",)) or at[:2] == ("curate", "signals"):  # `name: options` is how these are written
        at = tuple(part for part in at if part not in ("name", "options"))
    message = problem["msg"].removeprefix("Value error, ")
    known = at or max((place for place in lines if message.startswith(".".join(place))), key=len)
    while known and known not in lines:
        known = known[:-1]
    field = ".".join(at)
    if problem["type"] == "extra_forbidden":
        message = _no_such(at[-1], _fields(at[:-1]))
    elif problem["type"] == "missing":
        message = "must be given"
    elif problem["type"] == "model_type":
        message = f"fields and their values belong here, found {problem['input']!r}"
    elif not message.startswith("arms."):
        message = f"{message[0].lower()}{message[1:]}, found {problem['input']!r}" if not isinstance(problem["input"], dict) else message
    where = f"{path}:{lines.get(known, 1)}"
    stop = "" if message.endswith("?") else "."
    return f"{where}: {field}: {message}{stop}" if field else f"{where}: {message}{stop}"


def _no_such(field: str, known: list[str]) -> str:
    near = difflib.get_close_matches(field, known, n=1)
    return "there is no such field; " + (f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}")


def _fields(at: tuple[str, ...]) -> list[str]:
    """The fields that can stand at a place in the recipe."""
    model: type[BaseModel] = Recipe
    places: dict[str, type[BaseModel]] = {"prompts": Prompts, "curate": Curate, "align": Align, "answer": Answer}
    within: dict[str, type[BaseModel]] = {"rules": Band, "clean": Clean, "duplicates": Duplicates, "contamination": Contamination}
    if at:
        model = Arm if at[0] == "arms" else places.get(at[0], Recipe)
    if at[:1] == ("curate",) and len(at) > 1:
        model = within.get(at[1], Curate)
    return list(model.model_fields)
