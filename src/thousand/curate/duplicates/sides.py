"""The texts that are compared, and their plain form: words alone, in small letters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TEXT = pa.large_string()
_BETWEEN_TURNS, _BETWEEN_SIDES = "\n\n", "\n"

_SYMBOLS = b"$+<=>|~"
"""The marks of ASCII that are symbols, not punctuation (Unicode's Sm and Sc): each is a word, so that ``a < b`` is not ``a > b``."""
_PLAIN_ASCII = bytes(
    ord(" ") if code < 128 and not chr(code).isalnum() and code not in _SYMBOLS else code
    for code in range(256)  # what is 128 or more belongs to other characters
)
_ALONE = r"[\p{Sm}\p{Sc}\p{So}\x{3040}-\x{30ff}\x{3400}-\x{9fff}]"
"""Symbols, kana and Chinese characters: written without spaces, each is a word."""
_SEPARATOR = r"[^\p{L}\p{M}\p{N}\p{Sm}\p{Sc}\p{So}\x00-\x7f]+"


def side(messages: pa.ChunkedArray, over: str) -> pa.LargeStringArray:
    """What is compared of some conversations.

    Args:
        messages: of type `tables.MESSAGES`.
        over: ``prompt``: everything before the last answer but for the system's turns; ``response``: the last answer; ``both``.

    Returns:
        One text per conversation; the same as `conversation.prompt_of` and `response_of` give.
    """
    conversations = messages.combine_chunks() if isinstance(messages, pa.ChunkedArray) else messages
    turns = conversations.flatten()
    roles, contents = turns.field("role"), pc.cast(turns.field("content"), TEXT)
    ends = np.cumsum(conversations.value_lengths().to_numpy(zero_copy_only=False))
    answered = pc.equal(roles, "assistant").to_numpy(zero_copy_only=False)
    last = ends - 1
    answer = last[answered[last]] if len(last) else last
    asked = ~pc.equal(roles, "system").to_numpy(zero_copy_only=False)
    asked[answer] = False
    offsets = np.concatenate([[0], np.cumsum(asked)[last]]).astype(np.int64)
    prompts = pc.binary_join(pa.LargeListArray.from_arrays(offsets, contents.filter(pa.array(asked))), pa.scalar(_BETWEEN_TURNS, TEXT))
    responses = pc.if_else(
        pa.array(answered[last] if len(last) else np.empty(0, dtype=bool)), contents.take(pa.array(last)), pa.scalar("", TEXT)
    )
    match over:
        case "prompt":
            return prompts
        case "response":
            return responses
        case _:
            return pc.binary_join_element_wise(prompts, responses, pa.scalar(_BETWEEN_SIDES, TEXT))


def plain(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The words of each text in small letters with one space between them: equal for texts that differ in case, spacing and punctuation.

    A word is a run of letters, marks and digits; a symbol (of mathematics, of a currency, an emoji) and a Chinese or Japanese
    character are words by themselves. Everything else separates.
    """
    low = pc.utf8_lower(texts)
    if not pc.all(pc.string_is_ascii(low), min_count=0).as_py():
        low = pc.replace_substring_regex(low, _SEPARATOR, " ")
        low = pc.replace_substring_regex(low, f"({_ALONE})", r" \1 ")
    elif any(symbol in _bytes(low) for symbol in _SYMBOLS):
        low = pc.replace_substring_regex(low, f"([{_SYMBOLS.decode()}])", r" \1 ")
    spaced = np.frombuffer(_bytes(low).translate(_PLAIN_ASCII), dtype=np.uint8)
    return pc.ascii_trim(_without_runs(spaced, _offsets(low)), " ")


def _without_runs(spaced: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pa.LargeStringArray:
    """Of every run of spaces the first alone. One that follows the space at the end of another text is not part of its run."""
    spaces = np.flatnonzero(spaced == ord(" "))
    follows = spaces[1:][spaces[1:] == spaces[:-1] + 1]
    superfluous = follows[~np.isin(follows, offsets)]
    kept = np.ones(len(spaced), dtype=bool)
    kept[superfluous] = False
    moved = offsets - np.searchsorted(superfluous, offsets)
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(moved), pa.py_buffer(spaced[kept]))


def _bytes(texts: pa.LargeStringArray) -> bytes:
    data = texts.buffers()[2]
    return data.to_pybytes() if data is not None else b""


def _offsets(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    offsets = texts.buffers()[1]
    whole = np.frombuffer(offsets, dtype=np.int64) if offsets is not None else np.zeros(1, dtype=np.int64)
    return whole[texts.offset : texts.offset + len(texts) + 1]
