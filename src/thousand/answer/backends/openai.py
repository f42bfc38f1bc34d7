"""The backend for a model behind any OpenAI-compatible server."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from thousand.answer.kinds import Remote, unmet
from thousand.endpoint import Endpoint, Prices
from thousand.errors import RecipeError
from thousand.recipe import Answer


def openai(
    settings: Answer,
    *,
    base_url: str,
    key: str | None = None,
    prompt_price: float | None = None,
    completion_price: float | None = None,
    currency: str = "USD",
    cap: float | None = None,
    concurrency: int = 8,
    retries: int = 5,
    timeout: float = 600.0,
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens",
    extra: dict[str, Any] | None = None,
    cache: str | None = None,
) -> Remote:
    """Args:
    base_url, key, cap, concurrency, retries, timeout: see `thousand.endpoint.Endpoint`.
    prompt_price, completion_price: per million tokens, in the currency.
    limit: what the server calls the longest answer.
    extra: sent with every question beside or instead of the settings; null takes one out.
    cache: the folder in which answers are kept for good, by the server's address; None keeps them beside the answers' table.
    """
    extra = extra or {}
    _check(settings, extra)
    prices = Prices.given("answer.backend.openai", prompt_price, completion_price, currency)
    chosen = {"temperature": settings.temperature, "top_p": settings.top_p, limit: settings.max_tokens} | extra
    sent = {name: value for name, value in chosen.items() if value is not None or name == "seed"}  # a null seed takes the samples' out
    address = hashlib.sha256(base_url.rstrip("/").encode()).hexdigest()[:16]  # another server may serve another model under one name

    def reach(model: str, kept: Path | None) -> Endpoint:
        folder = Path(cache).expanduser() if cache else kept
        if folder is None:
            raise RecipeError("answer.backend.openai.cache: answers that may be paid for must be kept.", "Name a folder for them: cache.")
        return Endpoint(
            model,
            base_url,
            folder / address,
            key=key,
            settings=sent,
            prices=prices,
            cap=cap,
            concurrency=concurrency,
            retries=retries,
            timeout=timeout,
        )

    reach("", Path())  # what is wrong with the options is said before work begins
    return Remote(reach)


def _check(settings: Answer, extra: dict[str, Any]) -> None:
    if settings.repetition_penalty != 1.0 and extra.get("repetition_penalty") is None:
        raise RecipeError(
            unmet("openai", settings, "repetition_penalty", "such servers have none over generated tokens only."),
            "Set repetition_penalty: 1.0, or say what this server is to be sent: extra: {repetition_penalty: ...}.",
        )
    own = Answer()
    for setting, why, remedy in (
        ("plain", "the server puts prompts into its own form.", "Leave plain out."),
        ("batch", "the server makes its own batches.", "Leave batch out; concurrency says how many are asked at once."),
    ):
        if getattr(settings, setting) != getattr(own, setting):
            raise RecipeError(unmet("openai", settings, setting, why), remedy)
    if settings.too_long == "cut":
        raise RecipeError(
            unmet("openai", settings, "too_long", "the server alone counts tokens."),
            "Leave too_long out: what the server refuses is an error.",
        )
