"""Ledger to selection: k of N, by a strategy chosen by name; rank, gain and reason of each pick."""

from thousand.select.picks import Picks
from thousand.select.select import check, select

__all__ = ["Picks", "check", "select"]
