"""Things chosen by name in a recipe: source forms, signals, strategies, judges. Each is one module, named as in the recipe.

To add one, add a file: a module ``select/strategies/mine.py`` with a function ``mine`` is the strategy ``mine``. The
options a recipe may give are the function's keyword-only parameters, checked by their annotations.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from thousand.errors import RecipeError


def names(package: str) -> list[str]:
    """The names that can be chosen from a package."""
    return sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__))


def find(package: str, name: str, where: str) -> Callable[..., Any]:
    """The function ``name`` of the module ``name`` of a package.

    Args:
        where: the field of the recipe that names it, for the error.

    Raises:
        RecipeError: no such module; says what there is, the nearest first.
    """
    known = names(package)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise RecipeError(f"{where}: {name!r} is not known.", f"{meant}There are: {', '.join(known)}.")
    function: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{name}"), name)
    return function


def options(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """What a recipe may set of a function: its keyword-only parameters."""
    parameters = inspect.signature(function).parameters
    return {name: each for name, each in parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}


def bind(function: Callable[..., Any], given: Mapping[str, Any], where: str) -> Callable[..., Any]:
    """The function with its options set and checked.

    Raises:
        RecipeError: an option that does not exist, is missing, or has a value of the wrong type.
    """
    allowed = options(function)
    hints = typing.get_type_hints(function)
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in allowed:
            raise RecipeError(f"{where}.{name}: there is no such option.", f"There are: {', '.join(allowed) or 'none'}.")
        try:
            checked[name] = TypeAdapter(hints[name]).validate_python(value)
        except ValidationError as error:
            raise RecipeError(f"{where}.{name}: {error.errors()[0]['msg']}, found {value!r}.") from None
    missing = [name for name, each in allowed.items() if each.default is inspect.Parameter.empty and name not in given]
    if missing:
        raise RecipeError(f"{where}: {', '.join(missing)} must be given.")
    return functools.partial(function, **checked)
