"""From what a judging model said to its verdict. What it said may have been shaped by an answer, so nothing in it is run or guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

Value = TypeVar("Value")
_AROUND = " \t\r\u00a0\u3000*_`~#>|\"'\u201c\u201d\u2018\u2019\u00ab\u00bb()[]{}<>.,:;!\u3002"
"""What may stand around a verdict without changing it: markdown, quotes, brackets, the end of a sentence."""
_OF_NUMBERS = frozenset("<>.,~")
"""What of it changes a number that it stands before."""


def read_verdict(
    text: str, scale: Mapping[str, Value], *, line: Literal["first", "last"] = "last", after: str = "", cut: bool = False
) -> Value | None:
    """The value of the label that is all of a line.

    A label counts only where it is the whole line but for what may stand around it, in whatever case: ``**B**``, ``[[B]]`` and
    ``b.`` are B, while "B is better", "4 or 5", "5/6", "<5", ".5" and "-1" are nothing.

    Args:
        text: what the model said.
        scale: values by label.
        line: which of the lines that are not empty counts.
        after: only lines that begin with this and a colon count, and the label is what follows: ``Rating: 5``.
        cut: the text was cut off. Its last line may have been the beginning of another, and counts only where it is the only one,
            as a judge has it that may say one token; what would have been the last line is not known.

    Returns:
        None where that line is no label.
    """
    labels = {bare(label): value for label, value in scale.items()}
    said = [each for each in text.splitlines() if each.strip()]
    if cut and len(said) > 1:
        said = said[:-1] if line == "first" else []
    lines = [found for each in said if (found := bare(each))]
    if after:
        begins = f"{bare(after)}:"
        lines = [bare(each.removeprefix(begins)) for each in map(_closed_up, lines) if each.startswith(begins)]
    if not lines:
        return None
    return labels.get(lines[0 if line == "first" else -1])


def bare(text: str) -> str:
    """A label or a line without what may stand around it. A number keeps what would make another of it: "<5", ".5", "~5"."""
    folded = " ".join(text.casefold().split())
    begun = folded.lstrip(_AROUND)
    found = begun.rstrip(_AROUND)
    signs = _OF_NUMBERS.intersection(folded[: len(folded) - len(begun)])
    in_brackets = signs == {"<"} and ">" in begun[len(found) :]
    return folded if found[:1].isdigit() and signs and not in_brackets else found


def _closed_up(line: str) -> str:
    """``rating** : 5`` as ``rating:5``, so that the name and its colon can be told from what follows."""
    name, colon, rest = line.partition(":")
    return f"{bare(name)}{colon}{rest}"
