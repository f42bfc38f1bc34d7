"""Licences as the hub names them, and which of them ask that the author be named."""

from __future__ import annotations

import re
from collections.abc import Iterable

HUB = frozenset(
    {
        "apache-2.0",
        "mit",
        "cc",
        "cc0-1.0",
        "cc-by-2.0",
        "cc-by-2.5",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc-by-nc-2.0",
        "cc-by-nc-3.0",
        "cc-by-nc-4.0",
        "cc-by-nd-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-sa-2.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0",
        "gpl-2.0",
        "gpl-3.0",
        "lgpl-3.0",
        "agpl-3.0",
        "gfdl",
        "odbl",
        "odc-by",
        "pddl",
        "unlicense",
        "bsd-2-clause",
        "bsd-3-clause",
        "cdla-sharing-1.0",
        "cdla-permissive-1.0",
        "cdla-permissive-2.0",
    }
)
"""Of the hub's documentation ("Licenses"), those that data come under."""


def hub_name(licence: str) -> str | None:
    """CC BY-SA 4.0 -> cc-by-sa-4.0; None where the hub has no name for it."""
    name = re.sub(r"[\s_-]+", "-", licence.strip().lower())
    return name if name in HUB else None


def front(licences: Iterable[str]) -> dict[str, str | list[str]]:
    """The licences of a data set as its front matter says them: "unknown" where none is given, "other" where the hub has no name."""
    named = sorted({"unknown" if each == "unknown" else hub_name(each) or "other" for each in licences}) or ["unknown"]
    found: dict[str, str | list[str]] = {"license": named[0] if len(named) == 1 else named}
    return found | ({"license_name": "see-the-card"} if "other" in named else {})


def asks_for_names(licence: str) -> bool:
    """Whether it asks that the author be named: Creative Commons' BY, ODC-BY, the GFDL."""
    name = hub_name(licence) or licence.lower()
    return bool(re.search(r"(^|-)by(-|$)|attribution", name)) or name == "gfdl"
