"""Ledger to selection: k of N, by a strategy chosen by name; rank, gain and reason of each pick.

Each strategy is a function over plain arrays that can be used on its own: ``from thousand.select import facility_location``.
"""

from typing import Any

from thousand import registry
from thousand.select.budget import Budget, Quota
from thousand.select.pairs import draw_pairs
from thousand.select.picks import Picks
from thousand.select.reserve import reserve
from thousand.select.select import STRATEGIES, check, select, signals_of

__all__ = ["Budget", "Picks", "Quota", "check", "draw_pairs", "reserve", "select", "signals_of"]


def __getattr__(name: str) -> Any:
    """The strategy of that name."""
    if name in registry.names(STRATEGIES):
        return registry.find(STRATEGIES, name, "select")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *registry.names(STRATEGIES)])
