"""A server's replies as answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from thousand.answer.kinds import Ask, Said, Say, seed_of
from thousand.conversation import Message
from thousand.endpoint import Endpoint, Preview, Reply


def asked_at(endpoint: Endpoint) -> Say:
    """Asks a server, each question with a seed of its own. It raises what `Endpoint.ask` does."""

    def say(asks: Sequence[Ask], progress: Callable[[int], None]) -> list[Said]:
        replies = endpoint.ask([_messages(ask) for ask in asks], seeds=[seed_of(ask) for ask in asks], progress=progress)
        shown = [len(ask.shown.examples) if ask.shown else None for ask in asks]
        return [replace(_said(reply), shown=count) for reply, count in zip(replies, shown, strict=True)]

    return say


def preview_at(endpoint: Endpoint, asks: Sequence[Ask], sample: int) -> Preview:
    """What the asking will cost, from a sample that is asked now and kept."""
    return endpoint.preview([_messages(ask) for ask in asks], seeds=[seed_of(ask) for ask in asks], sample=sample)


def _messages(ask: Ask) -> Sequence[Message]:
    """What is sent. The server counts tokens: all examples are sent, and where they leave no room the server says so."""
    return ask.shown.turns(ask.messages) if ask.shown else ask.messages


def _said(reply: Reply) -> Said:
    said = partial(Said, reply.text, tokens=reply.completion_tokens, seconds=reply.seconds)
    match reply.text, reply.stop:
        case None, _:
            return Said(None, "error", reason=reply.error)
        case _, "stop":
            return said(stop="end_of_turn")
        case _, "length":
            return said(stop="limit")
        case _, None:
            return said(stop=None, reason="the server does not say how it stopped")
        case _, other:
            return said(stop="error", reason=f"the server stopped it: {str(other)[:100]}")
