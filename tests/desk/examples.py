"""Events about examples, for tests of what comes of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from thousand.conversation import content_id
from thousand.desk.events import Event, read

MINUTE = "2026-03-01T12:{:02d}:{:02d}+00:00"


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": "How is tea made?"}, {"role": "assistant", "content": text}]


def event(number: int, who: str, kind: str, subject: str, after: Any = None, **more: Any) -> Event:
    """The event with this number, at its second of the first of March."""
    row = {"id": f"e{number}", "who": who, "at": MINUTE.format(number // 60, number % 60), "kind": kind, "subject": subject, "after": after}
    found = read(row | more)
    return Event(**{**vars(found), "seq": number})


def numbered(*told: tuple[Any, ...]) -> list[Event]:
    """Events in a row from (who, kind, subject, after)."""
    return [event(number, *each) for number, each in enumerate(told, 1)]


WRITTEN = said("Written anew.")
WRITTEN_ID = content_id(WRITTEN)  # type: ignore[arg-type]
TEXTS = [said("Boil water."), said("Boil water, wait."), WRITTEN]
_SUBJECTS = st.sampled_from(["aaaa", "bbbb", "cccc"])
_MESSAGES = st.sampled_from(TEXTS)
_REPLACED = st.sampled_from([None, {"replacement": "dddd"}, {"replacement": "eeee"}])


@st.composite
def histories(draw: st.DrawFn, most: int = 30) -> list[Event]:
    """Events of any kind about a few examples by a few people."""
    told = []
    for _ in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(["accept", "reject", "edit", "write", "skip", "undo", "settle", "guide", "verdict"]))
        subject, after = draw(_SUBJECTS), None
        if kind == "reject":
            after = draw(_REPLACED)
        elif kind == "edit":
            after = draw(_MESSAGES)
        elif kind == "write":
            subject, after = WRITTEN_ID, WRITTEN
        elif kind == "settle":
            change = draw(st.sampled_from(["accept", "reject", "edit"]))
            after = {"change": change} | ({"messages": draw(_MESSAGES)} if change == "edit" else {})
        elif draw(st.booleans()) and kind not in ("guide", "verdict"):
            subject = WRITTEN_ID
        told.append((draw(st.sampled_from(["ann", "bob", "cat"])), kind, subject, after))
    return numbered(*told)
