"""A recipe's file: YAML in and out. Errors name the file, the line and the field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from thousand.errors import RecipeError
from thousand.recipe.part import no_such
from thousand.recipe.recipe import Recipe


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
    except RecursionError:
        raise RecipeError(f"{path} is not a recipe: lists within lists without end.") from None
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
        said = dict.fromkeys(_explain(problem, lines, path) for problem in error.errors())  # several budgets say the same
        raise RecipeError("\n".join(said)) from None


def dump(recipe: Recipe) -> str:
    """The recipe as YAML with every default filled in."""
    record = recipe.model_dump(mode="json")
    bases = record.pop("bases")
    return yaml.dump(record | ({"base": bases} if bases else {}), Dumper=_Dumper, sort_keys=False, allow_unicode=True)


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
    at = _as_written(at, lines)
    message = problem["msg"].removeprefix("Value error, ")
    known = at or max((place for place in lines if message.startswith(".".join(place))), key=len)
    while known and known not in lines:
        known = known[:-1]
    field = ".".join(at)
    if problem["type"] == "extra_forbidden":
        message = no_such(at[-1], _fields(at[:-1]))
    elif problem["type"] == "missing":
        message = "must be given"
    elif problem["type"] == "model_type":
        message = f"fields and their values belong here, found {problem['input']!r}"
    elif not message.startswith("arms."):
        message = f"{message[0].lower()}{message[1:]}, found {problem['input']!r}" if not isinstance(problem["input"], dict) else message
    where = f"{path}:{lines.get(known, 1)}"
    stop = "" if message.endswith("?") else "."
    return f"{where}: {field}: {message}{stop}" if field else f"{where}: {message}{stop}"


def _as_written(at: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """A place in the recipe as its file has it, where one line stands for several."""
    if at[:1] == ("bases",):
        return ("base", *at[1:])
    if at[:1] == ("arms",) and len(at) > 1 and at[:2] not in lines:
        family = at[1].rpartition("-")[0]
        return ("arms", family, *at[2:]) if ("arms", family) in lines else at
    return at


def _fields(at: tuple[str, ...]) -> list[str]:
    """The fields that can stand at a place in the recipe."""
    model: type[BaseModel] = Recipe
    places = iter(at)
    for place in places:
        if place not in model.model_fields:  # which of a union's forms was tried
            continue
        annotation = model.model_fields[place].annotation
        if get_origin(annotation) in (dict, list):
            next(places, None)
        model = next(_parts(annotation), model)
    return [name for name in model.model_fields if name != "bases"]  # which is written as `base`


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """The parts of a recipe that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _parts(each)
