"""The desk, where people read, edit, reject and write examples and judge answers blind. What they did is a list of events."""

from thousand.desk.decisions import Change, Decisions, Opinion, State, fold
from thousand.desk.events import KINDS, Event
from thousand.desk.said import said
from thousand.desk.store import Store

__all__ = ["KINDS", "Change", "Decisions", "Event", "Opinion", "State", "Store", "fold", "said"]
