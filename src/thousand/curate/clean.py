"""Texts made readable before anything is measured; what a row said before is kept beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import badness, fixes

from thousand import tables
from thousand.conversation import Message
from thousand.curate import private
from thousand.recipe import Clean

SCHEMA = tables.CANDIDATES.append(pa.field("original", tables.MESSAGES)).append(pa.field("changes", pa.list_(pa.string())))
"""The candidates, with ``original``: the messages as they were, null where nothing changed; and ``changes``: what was done."""

ENCODING, UNICODE, SPACE, MARKER = "encoding", "unicode", "space", "marker"

_QUOTES = "\u2010-\u2015\u2018\u2019\u201c\u201d\u2022\u2026"  # quotes, dashes, bullets: with ASCII alone they are never broken
_MARKER = r"(?:<\|(?:endoftext|end_of_text|im_end|eot_id|end|eos)\|>|</s>|<end_of_turn>|<eos>)"
_DOUBTFUL = rf"[^\n\t -~{_QUOTES}]|[ \t]\n|\n\n\n\n|\A\s|\s\z|{_MARKER}\z"
"""For RE2: what every text has that would be changed. It lets most texts through unread."""

_MOJIBAKE = ftfy.TextFixerConfig(
    unescape_html=False,  # an entity may be what the text is about; sources that are HTML are read as such
    remove_terminal_escapes=False,
    fix_c1_controls=True,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
_ODD = re.compile(rf"[^\x00-\x7f{_QUOTES}]")
_C1 = re.compile(r"[\x80-\x9f]")
_OTHER_LINE_END = re.compile(r"[\r\u2028\u2029]")
_FENCED = re.compile(r"(```.*?(?:```|\Z))", re.DOTALL)
_PAGE = re.compile(r"[\x0b\x0c]")
_UNSEEN = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    "\u202a-\u202e\u2066-\u2069"  # turns of direction, by which a text can be shown as another
)
_ANY_UNSEEN = re.compile(f"[{_UNSEEN}]")
_INVISIBLE = re.compile(f"(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[{_UNSEEN}]")  # not the tags in the flags of England and Wales
_MARKED = re.compile(rf"(?:\s*{_MARKER})+\s*\Z")
_EMPTY_LINES = re.compile(r"\n{4,}")


@dataclass(frozen=True)
class Cleaner:
    """From a part of the candidates to the same part with clean messages. ``id`` and ``content`` stay those of the original."""

    settings: Clean

    def __call__(self, part: pa.Table) -> pa.Table:
        """The part with the columns of `SCHEMA`."""
        messages = part["messages"].combine_chunks()
        done = {row: clean(messages[row].as_py(), self.settings) for row in _doubtful(messages, self.settings)}
        changed = {row: (new, changes) for row, (new, changes) in done.items() if changes}
        rows = range(len(messages))
        if changed:
            place = part.schema.get_field_index("messages")
            cleaned = [changed[row][0] if row in changed else messages[row].as_py() for row in rows]
            part = part.set_column(place, "messages", pa.array(cleaned, tables.MESSAGES))
        originals = pc.if_else(pa.array([row in changed for row in rows], pa.bool_()), messages, pa.scalar(None, tables.MESSAGES))
        part = part.append_column("original", originals)
        return part.append_column("changes", pa.array([changed[row][1] if row in changed else [] for row in rows], pa.list_(pa.string())))


def clean(messages: list[Message], settings: Clean) -> tuple[list[Message], list[str]]:
    """The messages made readable, and the names of what was done to them; to clean them again changes nothing.

    - ``encoding``: text that was decoded wrongly is decoded rightly (ftfy), in code, too.
    - ``unicode``: letters are composed (NFC), and characters that nobody sees are gone, but for the joiners that scripts
      and emoji need. Quotes, ligatures and wide letters stay as they are.
    - ``space``: lines end in a line feed, with no spaces before it; three empty lines or more become one; nothing stands
      around the text.
    - ``marker``: an end-of-text token that some tokenizer left at the end of a turn is gone; it would be learnt as text.
    - ``masked:KIND``: a placeholder such as ``<email>`` stands for private matter (`thousand.curate.private`).

    Code between fences stays as it is but for its encoding and line ends.
    """
    changes: set[str] = set()
    cleaned: list[Message] = []
    for message in messages:
        text = message["content"]
        if settings.normalise:
            text = _normalised(text, changes)
        if settings.mask:
            text, found = private.mask(text, settings.mask)
            changes |= {f"masked:{kind}" for kind in found}
        cleaned.append({"role": message["role"], "content": text})
    return cleaned, sorted(changes)


def _doubtful(messages: pa.ListArray, settings: Clean) -> list[int]:
    """The rows in which something may have to be done."""
    contents = messages.flatten().field("content").cast(pa.large_string())
    doubtful = pa.array(np.zeros(len(contents), bool))
    if settings.normalise:
        doubtful = pc.or_(doubtful, pc.match_substring_regex(contents, _DOUBTFUL))
    if settings.mask:
        doubtful = pc.or_(doubtful, pc.match_substring_regex(contents, private.MAYBE))
    return pc.unique(pc.list_parent_indices(messages).filter(doubtful)).to_pylist()  # type: ignore[no-any-return]


def _normalised(text: str, changes: set[str]) -> str:
    """The text, once nothing is left to do: what is taken out may bring together what has to be mended."""
    while True:
        before = text
        for name, step in _STEPS:
            after = step(text)
            if after != text:
                changes.add(name)
            text = after
        if text == before:
            return text


def _decoded(text: str) -> str:
    if not text.isascii() and _ODD.search(text) and (badness.is_bad(text) or _C1.search(text)):
        return ftfy.fix_text(text, _MOJIBAKE)
    return text


def _seen(text: str) -> str:
    """Composed and without what is invisible, outside code."""
    if "\x1b" in text:
        text = _outside_code(text, fixes.remove_terminal_escapes)
    if _ANY_UNSEEN.search(text):
        text = _outside_code(text, lambda prose: _INVISIBLE.sub(r"\1", prose))
    if not unicodedata.is_normalized("NFC", text):
        text = _outside_code(text, lambda prose: unicodedata.normalize("NFC", prose))
    return text


def _spaced(text: str) -> str:
    if _OTHER_LINE_END.search(text):
        text = _OTHER_LINE_END.sub("\n", text.replace("\r\n", "\n"))
    if "\n" in text or _PAGE.search(text):
        text = _outside_code(text, _trimmed)
    return text.strip()


def _trimmed(prose: str) -> str:
    *lines, last = _PAGE.sub("\n", prose).split("\n")
    prose = "\n".join([*(line.rstrip() for line in lines), last])
    return _EMPTY_LINES.sub("\n\n", prose) if "\n\n\n\n" in prose else prose


def _unmarked(text: str) -> str:
    if not text.endswith(">") or "<s>" in text:  # where it is opened, it is HTML
        return text
    return _MARKED.sub("", text) or text


_STEPS = ((ENCODING, _decoded), (UNICODE, _seen), (SPACE, _spaced), (MARKER, _unmarked))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    if "```" not in text:
        return change(text)
    pieces = _FENCED.split(text)
    pieces[::2] = [change(piece) for piece in pieces[::2]]
    return "".join(pieces)
