"""The run on one page: a single HTML file that needs no network and no script, and may be opened anywhere, for years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from thousand import recipe as recipes
from thousand.report import checkpoints, figures, picture, seen, wording
from thousand.report.choice import Picture
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.side_by_side import side_by_side
from thousand.report.summary import ArmResult, Comparison, Summary
from thousand.version import __version__

HERE = Path(__file__).parent
_LONGEST = 2000  # characters of one answer on the page


@dataclass(frozen=True)
class Figure:
    """One figure, and the same for a phone where it needs another. Our own drawing, so its markup may stand as it is."""

    wide: Markup
    narrow: Markup | None


def page(summary: Summary, evidence: Evidence) -> str:
    """The page as HTML. Whatever comes from pools and models is escaped, stripped of control characters and never a link."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(filters(), hostile=hostile, reading=reading)
    lead, rest = headline(summary.verdict.sentence)
    template = environment.get_template("page.html.jinja")
    return template.render(
        summary=summary,
        lead=lead,
        rest=rest,
        style=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704  our own file
        figures=_figures(summary, evidence),
        versus={arm.name: summary.comparison(arm.name) for arm in summary.arms},
        ns={each.judge: each.n for each in sorted(summary.comparisons, key=lambda each: each.n)},
        asked=side_by_side(evidence),
        chosen=[_example(row) for row in _first_ranks(evidence.claim.selections)],
        recipe=recipes.dump(evidence.recipe),
        version=__version__,
    )


def filters() -> Mapping[str, Callable[..., Any]]:
    """Numbers as `wording` says them, for templates."""
    names = (
        "count",
        "rating",
        "span",
        "percent",
        "percent_span",
        "points",
        "points_span",
        "aligned",
        "probability",
        "duration",
        "listed",
        "plural",
    )
    return {name: getattr(wording, name) for name in names}


def headline(sentence: str) -> tuple[str, str]:
    """The answer and what supports it: "Less was more." and the rest."""
    ends = [at + 1 for mark in (". ", ": ") if (at := sentence.find(mark)) >= 0]
    cut = min(ends, default=len(sentence))
    return sentence[:cut], sentence[cut:].strip()


def hostile(text: str) -> str:
    """Text of unknown making, fit to be shown: cut when endless; control and direction marks made visible. Escaping is the template's."""
    shown = "".join(letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text[:_LONGEST])
    return f"{shown}…" if len(text) > _LONGEST else shown


def reading(summary: Summary) -> str:
    """The question's judges in words."""
    return wording.listed(summary.question.judges)


def _figures(summary: Summary, evidence: Evidence) -> dict[str, Any]:
    arms = summary.arms
    return {
        "win_tie_lose": [
            (judge, criterion, _figure(figures.win_tie_lose, rows)) for (judge, criterion), rows in _by_judge(summary.comparisons).items()
        ],
        "ratings": _figure(figures.ratings, arms) if any(arm.mean_rating is not None for arm in arms) else None,
        "correct": _figure(figures.correct, arms) if any(arm.correct is not None for arm in arms) else None,
        "knowledge": _figure(figures.knowledge, arms) if any(_asked_again(arm) for arm in arms) else None,
        "pool": _figure(figures.pool, summary.pool),
        "checkpoints": _checkpoints(evidence.arms) if any(arm.checkpoints for arm in evidence.arms) else None,
        "choice": _choice(evidence.picture) if evidence.picture is not None else None,
    }


def _choice(what: Picture) -> dict[str, Any]:
    """The picture of the choice: panels, one for each arm, and what one sees in them."""
    panels = {"maps": picture.maps(what), "lengths": picture.lengths(what), "sources": picture.sources(what)}
    drawn: dict[str, Any] = {name: [Markup(each) for each in every] for name, every in panels.items()}  # noqa: S704
    drawn["curves"] = _figure(picture.curves, what)
    drawn["said"] = {name: getattr(seen, name)(what) for name in ("maps", "curves", "lengths", "sources")}
    return drawn


def _checkpoints(arms: Sequence[ArmEvidence]) -> dict[str, Any]:
    """The checkpoints that were chosen from: panels, one for each arm, what one sees in them, and all in numbers."""
    panels = [Markup(each) for each in checkpoints.panels(arms)]  # noqa: S704  our own drawing
    return {"panels": panels, "said": checkpoints.said(arms), "rows": checkpoints.rows(arms)}


def _figure(draw: Callable[..., str], what: Any) -> Figure:
    return Figure(Markup(draw(what, figures.WIDE)), Markup(draw(what, figures.NARROW)))  # noqa: S704  texts are escaped by the drawing


def _asked_again(arm: ArmResult) -> bool:
    return arm.role != "base" and arm.knowledge_after is not None


def _by_judge(comparisons: Iterable[Comparison]) -> dict[tuple[str, str], list[Comparison]]:
    """Judge and criterion to what is drawn in one figure; an arm seen in pairs and rated is drawn by its pairs."""
    found: dict[tuple[str, str], dict[str, Comparison]] = {}
    for each in comparisons:
        if each.n:
            found.setdefault((each.judge, each.criterion), {}).setdefault(each.b, each)
    return {key: list(rows.values()) for key, rows in found.items()}


def _first_ranks(selections: Iterable[pa.Table], n: int = 10) -> list[dict[str, Any]]:
    first = next(iter(selections), None)
    if first is None:
        return []
    rows: list[dict[str, Any]] = first.sort_by("rank").slice(0, n).to_pylist()
    return rows


def _example(row: Mapping[str, Any]) -> dict[str, Any]:
    """One pick as the page shows it."""
    turns = row["messages"] or []
    answered = bool(turns) and turns[-1]["role"] == "assistant"
    asked = [turn["content"] or "" for turn in (turns[:-1] if answered else turns) if turn["role"] != "system"]
    return {
        "rank": row["rank"],
        "prompt": "\n\n".join(asked),
        "response": turns[-1]["content"] or "" if answered else "",
        "reason": row["reason"] or "",
        "source": row["source"] or "",
        "origin": row["origin"] or "",
        "licence": row["licence"] or "unknown",
    }
