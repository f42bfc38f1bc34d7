"""What every part of a recipe is made of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
Share = Annotated[float, Field(ge=0, le=1)]


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


def one_or_many(value: Any) -> Any:
    """A list, for what may be written as one thing or as several."""
    return value if isinstance(value, list) else [value]


def merged(under: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """The upper's values over the under's, part by part: what the upper does not speak of stays."""
    found = dict(under)
    for name, value in upper.items():
        below = under.get(name)
        found[name] = merged(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return found


def beside(found: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the plain values, part by part."""
    differs = {name: value for name, value in found.items() if value != plain.get(name)}
    both = {name for name, value in differs.items() if isinstance(value, Mapping) and isinstance(plain.get(name), Mapping)}
    return {name: beside(value, plain[name]) if name in both else value for name, value in differs.items()}


def no_such(field: str, known: Iterable[str]) -> str:
    """What to say of a field that a part does not have."""
    near = difflib.get_close_matches(field, list(known), n=1)
    return "there is no such field; " + (f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}")
