"""CARD.md: what the data and the model are made of, for whoever meets them without the run."""

from __future__ import annotations

import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thousand import recipe as recipes
from thousand.report.checkpoints import kept_epoch
from thousand.report.evidence import Evidence
from thousand.report.page import HERE, filters, hostile
from thousand.report.summary import Summary
from thousand.version import __version__


def card(summary: Summary, evidence: Evidence) -> str:
    """The card of the claim's training set and of the model trained on it, as Markdown with the hub's front matter.

    Markdown has its own dangers, so it is not escaped as HTML: whatever comes from sources goes through `cell`.
    """
    loader = FileSystemLoader(HERE)
    environment = Environment(loader=loader, autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    environment.filters.update(filters(), cell=cell)
    return environment.get_template("card.md.jinja").render(
        summary=summary,
        claim=summary.arms[0],
        licences=sorted(evidence.claim.licences.items(), key=lambda each: -each[1]),
        training=evidence.recipe.training(summary.arms[0].name) if summary.arms[0].name in evidence.recipe.arms else evidence.recipe.align,
        checkpoints=[str(kept_epoch(table)) for table in evidence.claim.checkpoints.values()],
        answer=evidence.recipe.answer,
        recipe=recipes.dump(evidence.recipe),
        version=__version__,
    )


def cell(text: object) -> str:
    """Text of unknown making in one cell of a table: no line break, no markup."""
    plain = hostile(str(text)).replace("\n", " ").replace("\t", " ")
    plain = plain.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", plain)
