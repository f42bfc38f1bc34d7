"""What both cards share: the hub's front matter, and Markdown that text of unknown making cannot break."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thousand.report.page import HERE, filters, hostile
from thousand.version import __version__

_PLACE = re.compile(r"(?<![\w:/.~*+<-])(?:/[^\s/'\"`()\[\],;]+)*/(?=[^\s/])")
"""What leads to a file or folder from the root of a machine's file system."""


def front_matter(values: Mapping[str, Any]) -> str:
    """The block at the head of a card, as YAML; whatever is None is left out."""
    text = yaml.safe_dump(
        {key: value for key, value in values.items() if value is not None}, sort_keys=False, allow_unicode=True, width=1000
    )
    return f"---\n{text}---\n"


def render(template: str, **values: Any) -> str:
    """A card from its template, without the places that files have on this machine: of an absolute path the last part is named.

    Markdown has its own dangers, so it is not escaped as HTML: whatever others wrote goes through `cell`.
    """
    loader = FileSystemLoader(HERE)
    environment = Environment(loader=loader, autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    environment.filters.update(filters(), cell=cell)
    return _PLACE.sub("", environment.get_template(template).render(version=__version__, **values))


def cell(text: object) -> str:
    """Text of unknown making in one cell of a table: no line break, no markup."""
    plain = hostile(str(text)).replace("\n", " ").replace("\t", " ")
    plain = plain.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", plain)
