"""A model behind any OpenAI-compatible server, which compares two answers or rates one, as the folder of a judge tells it.

``llm: {model: gpt-4.1, base_url: https://..., judge: graded}``. Ours are ``pairwise``, ``graded``, ``acceptability`` and ``safety``
(see `thousand.judge.instructions`); the path of a folder is a judge of one's own. Every reply is kept word for word as it comes,
by what was asked: a reply is paid once, and read anew if only the reading changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thousand.endpoint import Endpoint, Preview, Prices, Reply
from thousand.errors import RecipeError
from thousand.judge.instructions import Instructions, read_instructions
from thousand.judge.kinds import Case, Comparer, Progress, Rater, Said

_CUT = {"length": "at its longest", "content_filter": "by the server's filter"}
"""How a reply was cut off, by why the model stopped."""


def llm(
    kept: Path | None,
    *,
    base_url: str,
    model: str | None = None,
    judge: str = "pairwise",
    name: str | None = None,
    key: str | None = None,
    prompt_price: float | None = None,
    completion_price: float | None = None,
    currency: str = "USD",
    cap: float | None = None,
    concurrency: int = 8,
    retries: int = 5,
    timeout: float = 120.0,
    settings: dict[str, Any] | None = None,
    cache: str | None = None,
) -> Rater | Comparer:
    """Args:
    kept: the folder in which replies are kept, where ``cache`` names none.
    judge: one of ours, or the path of a folder.
    name: in the ledger; without it that of the judge and the model's.
    model: its name on the server; None takes what judge.yaml says.
    base_url, key, cap, concurrency, retries, timeout: see `thousand.endpoint.Endpoint`.
    prompt_price, completion_price: per million tokens, in the currency.
    settings: sent with every question, over those of the judge; null takes one of them out.
    cache: a folder in which replies are kept for good, whatever the run.
    """
    prices = Prices.given("llm", prompt_price, completion_price, currency)
    instructions = read_instructions(judge)
    asked = model or instructions.reading.model
    if asked is None:
        raise RecipeError("llm.model: neither the recipe nor judge.yaml names one.", "Give its name on the server: model.")
    chosen = instructions.reading.settings | (settings or {})
    sent = {setting: value for setting, value in chosen.items() if value is not None}
    folder = Path(cache).expanduser() if cache else kept

    def reach(folder: Path) -> Endpoint:
        return Endpoint(asked, base_url, folder, key, sent, prices, cap, concurrency, retries, timeout)

    reach(Path())  # what is wrong with the options is said before work begins

    def ready() -> Endpoint:
        if folder is None:
            raise RecipeError("llm: replies that cost money must be kept.", "Say where: judge(..., kept=FOLDER), or the option cache.")
        return reach(folder)

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        endpoint, questions = ready(), [instructions.question(case) for case in cases]
        said: dict[str, int] = {}
        replies = endpoint.ask(questions, progress=progress)
        return [_said(instructions, reply, paid=said.setdefault(reply.key, at) == at) for at, reply in enumerate(replies)]

    def preview(cases: Sequence[Case], sample: int) -> Preview:
        return ready().preview([instructions.question(case) for case in cases], sample=sample)

    known = name or f"{instructions.name}:{asked.rpartition('/')[2]}"
    kind = Comparer if instructions.compares else Rater
    return kind(known, ask, instructions.reading.criteria, instructions.leaves, preview)


def _said(instructions: Instructions, reply: Reply, *, paid: bool) -> Said:
    """A reply, read.

    Args:
        paid: not where it is shared with an equal question before it, which it cost nothing to ask again.
    """
    found = instructions.read(reply.text, cut=reply.stop in _CUT) if reply.text is not None else {}
    tokens = (reply.prompt_tokens or 0) + (reply.completion_tokens or 0) if reply.completion_tokens is not None else None
    return Said(
        verdict=found.get("overall") if instructions.compares else None,
        ratings={} if instructions.compares else found,
        raw=reply.text,
        why=_why(instructions, reply) if None in found.values() or not found else None,
        seconds=reply.seconds if paid else 0.0,
        tokens=tokens if paid else 0,
        cost=reply.cost if paid or reply.cost is None else 0.0,
        key=reply.key,
    )


def _why(instructions: Instructions, reply: Reply) -> str:
    """Why a reply has no verdict: there was none, it was cut short, or it says something else, be it a refusal."""
    if reply.text is None:
        return reply.error or "there is no reply"
    if reply.stop in _CUT:
        return f"the reply was cut off {_CUT[reply.stop]}"
    return f"unread: the {instructions.reading.line} line is none of {', '.join(instructions.reading.scale)}"
