"""CARD.md: what the model is, for whoever meets it without the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from thousand import recipe as recipes
from thousand.report import wording
from thousand.report.cards import cell, front_matter, render
from thousand.report.checkpoints import kept_epoch
from thousand.report.evidence import Evidence
from thousand.report.summary import Summary

__all__ = ["card", "cell"]


def card(summary: Summary, evidence: Evidence) -> str:
    """The card of the model trained on the claim's examples, as Markdown with the hub's front matter.

    There is no ``base_model`` in it: a base is a folder of this machine, and a path like ``lab/base`` would name somebody's repository.
    ``model-index`` holds the mean rating and the net wins against every arm, by every judge that decides; intervals are in the names.
    """
    claim = summary.arms[0]
    training = evidence.recipe.training(claim.name) if claim.name in evidence.recipe.arms else evidence.recipe.align
    front = {
        "license": "unknown",
        "library_name": "transformers" if training.adapter is None else "peft",
        "pipeline_tag": "text-generation",
        "tags": ["thousand", "alignment", "instruction-tuning"],
        "model-index": _index(summary, evidence.recipe.name),
    }
    return front_matter(front) + render(
        "card.md.jinja",
        summary=summary,
        claim=claim,
        licences=sorted(evidence.claim.licences.items(), key=lambda each: -each[1]),
        training=training,
        checkpoints=[str(kept_epoch(table)) for table in evidence.claim.checkpoints.values()],
        answer=evidence.recipe.answer,
        recipe=recipes.dump(evidence.recipe),
    )


def _index(summary: Summary, name: str) -> list[dict[str, Any]] | None:
    """The results in the hub's form; None where there are none."""
    metrics = list(_metrics(summary))
    if not metrics:
        return None
    prompts = f"{wording.plural(summary.question.prompts, 'held-out prompt')} of {name}"
    task = {"type": "text-generation", "name": "Text generation"}
    result = {"task": task, "dataset": {"type": "held-out-prompts", "name": prompts}, "metrics": metrics}
    return [{"name": summary.arms[0].name, "results": [result]}]


def _metrics(summary: Summary) -> Iterator[dict[str, Any]]:
    claim = summary.arms[0]
    for each in claim.ratings:
        if each.judge in summary.question.judges and each.criterion == "overall":
            span = f", 95% interval {wording.span(each.interval)}" if each.interval else ""
            yield {"type": "mean_rating", "name": f"mean rating by {each.judge}{span}", "value": round(each.mean, 4)}
    for versus in summary.comparisons:
        if versus.judge in summary.question.judges and versus.criterion == "overall" and versus.net is not None and not versus.void:
            span = f", 95% interval {wording.points_span(versus.interval)}" if versus.interval else ""
            name = f"net wins over {versus.b} by {versus.judge}, in points{span}"
            yield {"type": "net_win_rate", "name": name, "value": round(100 * versus.net, 2)}
    if claim.knowledge_after is not None:
        yield {
            "type": "knowledge_kept",
            "name": "of what the base knew, known still, in percent",
            "value": round(100 * claim.knowledge_after, 2),
        }
