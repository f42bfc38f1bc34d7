"""How-to articles, from the fields people keep them in to Markdown in the shape LIMA has: an introduction, headings, numbered steps."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from thousand import conversation
from thousand.conversation import MalformedRow
from thousand.gather.html import text_of

# What the fields of an article in JSON are called; the first that is there is taken.
_TITLE = ("title", "name")
_INTRO = ("intro", "introduction", "overview", "description", "summary")
_SECTIONS = ("methods", "sections", "parts")
_BODY = ("text", "body", "content", "article")
_LABEL = ("title", "label", "sectionLabel", "section", "heading", "name", "method", "headline")
_HEADLINE = ("headline", "title", "summary", "bold", "heading", "name")
_TEXT = ("text", "description", "details", "content", "body")
_CATEGORY = ("categories", "category", "category_hierarchy")
_BESIDE = ("Ingredients", "Things You'll Need", "Tips", "Warnings", "References", "Community Q&A")  # lists beside the steps

# No pattern looks further than a few hundred characters, so that none takes quadratic time.
_MARKUP = re.compile(
    r"</?(?:a|b|i|u|p|br|div|span|em|strong|ul|ol|li|img|sup|sub|code|pre|table|tr|td|script|style|h[1-6])\b[^<>]{0,2000}>", re.IGNORECASE
)
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\)|\[\[(?:Image|File):[^\[\]\n]{0,500}\]\]", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\n]{0,2000}\)|\[\[(?:[^\[\]|\n]{1,500}\|)?([^\[\]|\n]{1,500})\]\]")
_URL = r"\b(?:https?://|www\.)[^\s<>()]{0,2000}[^\s<>().,;:!?]"
_ADDRESS = re.compile(rf"\({_URL}\)|{_URL}", re.IGNORECASE)
_CITATION = re.compile(r"(?:[ \t]|(?<=[.,;:!?\"”)]))\[\d{1,3}\]")
_ADVERTISEMENT = re.compile(r"^[ \t]*advertisement[ \t]*$\n?", re.IGNORECASE | re.MULTILINE)
_SPACES = re.compile(r"(?<=\S)[ \t]+")
_LINE_END = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_OPENING = re.compile(r"\b([Tt])his (?:article|wikiHow)(?: article)?\b")


@dataclass
class Section:
    """A part of an article.

    Attributes:
        label: its heading; an article of one part has none.
        text: what stands before the steps.
        steps: each its bold line and what explains it, as one text.
        ordered: whether the steps are to be done one after the other.
    """

    label: str = ""
    text: str = ""
    steps: list[str] = field(default_factory=list)
    ordered: bool = True


class Article(NamedTuple):
    """An article whose texts are clean."""

    title: str
    intro: str
    sections: list[Section]


def article(row: Mapping[str, Any]) -> Article:
    """The article of a JSON row: its ``methods``, ``sections`` or ``parts``, its ``steps`` or its ``text``, and the lists beside them.

    Raises:
        MalformedRow: which field is wrong and why.
    """
    sections: list[Section] = []
    if name := _first(row, _SECTIONS):
        named = row[name].items() if isinstance(row[name], Mapping) else enumerate(_list(row[name], name))
        sections += [_section(each, f"{name}[{key}]", key if isinstance(key, str) else "") for key, each in named]
    elif name := _first(row, ("steps", *_BODY)):
        sections.append(_section(row[name], name, ""))
    names = {letters(each): each for each in row if isinstance(each, str)}
    for label in _BESIDE:
        beside = names.get(letters(label))
        if beside is not None and row[beside]:
            section = _section(row[beside], beside, label, ordered=False)
            sections.insert(0 if label == "Ingredients" else len(sections), section)
    intro = _first(row, _INTRO)
    return Article(title_of(row), _plain(row, intro) if intro else "", sections)


def title_of(row: Mapping[str, Any]) -> str:
    """The title of an article, on one line."""
    title = " ".join(conversation.text(row, _first(row, _TITLE) or "title").split())
    if not title:
        raise MalformedRow("title", "empty title")
    return title


def categories(row: Mapping[str, Any]) -> list[str] | None:
    """What an article is filed under, the widest category first."""
    name = _first(row, _CATEGORY)
    if name is None:
        return None
    named = row[name] if isinstance(row[name], list) else re.split(r"[>»]", conversation.text(row, name))
    return [conversation.text({name: each}, name).strip() for each in named]


def letters(heading: str) -> str:
    """A heading by which it is known: "Things You'll Need" as in ``things_youll_need``."""
    return re.sub(r"\W|_", "", heading).casefold()


def clean(written: str, name: str) -> str:
    """A text as `plain`, without the commas and semicolons that lists of wikiHow leave at its ends.

    Raises:
        MalformedRow: it is HTML nested too deeply.
    """
    try:
        return plain(written).strip(" ,;\n")
    except ValueError as error:
        raise MalformedRow(name, str(error)) from None


def plain(text: str) -> str:
    """A text of an article without links, images, addresses, citation marks and advertisements; HTML as Markdown.

    Raises:
        ValueError: its HTML is nested too deeply.
    """
    text = text_of(text) if "<" in text and _MARKUP.search(text) else html.unescape(text)
    text = _ADVERTISEMENT.sub("", text.replace("\r\n", "\n"))
    if "[" in text:
        text = _LINK.sub(lambda match: match[1] or match[2], _IMAGE.sub("", text))
        text = _CITATION.sub("", text)
    return _SPACES.sub(" ", _LINE_END.sub("", _ADDRESS.sub("", text))).strip()


def markdown(intro: str, sections: Sequence[Section]) -> str:
    """An article: its introduction, and under headings its steps. "This article" is "The following answer", as in LIMA (section 2.1)."""
    parts = [opening(intro)] if intro else []
    for section in sections:
        if section.label and (len(sections) > 1 or section.label.casefold() != "steps"):
            parts.append(f"## {section.label}")
        if section.text:
            parts.append(section.text if parts else opening(section.text))
        if section.steps:
            parts.append("\n".join(_item(f"{number}. " if section.ordered else "- ", step) for number, step in enumerate(section.steps, 1)))
    return "\n\n".join(parts)


def opening(text: str) -> str:
    """An introduction that speaks of an answer, not of an article."""
    return _OPENING.sub(lambda match: f"{match[1]}he following answer", text)


def step(headline: str, text: str) -> str:
    """A bold line and its explanation as one text: the line is a sentence."""
    if headline and headline[-1].isalnum():
        headline += "."
    return f"{headline} {text}" if headline and text and not text.startswith("- ") else "\n".join(part for part in (headline, text) if part)


def _item(marker: str, text: str) -> str:
    return re.sub(r"\n(?!\n)", "\n" + " " * len(marker), marker + text)


def _section(value: Any, name: str, label: str, *, ordered: bool = True) -> Section:
    if isinstance(value, Mapping):
        heading = _first(value, _LABEL)
        label = label or (_plain(value, heading) if heading else "")
        inner = next((each for each in ("steps", *_TEXT) if each != heading and value.get(each)), None)
        if inner is None:
            raise MalformedRow(name, "a section without steps and without text")
        name, value = f"{name}.{inner}", value[inner]
    if isinstance(value, str):
        return Section(label, clean(conversation.text({name: value}, name), name))
    steps = [_step(each, f"{name}[{place}]") for place, each in enumerate(_list(value, name))]
    return Section(label, steps=steps, ordered=ordered)


def _step(value: Any, name: str) -> str:
    if not isinstance(value, Mapping):
        return clean(conversation.text({name: value}, name), name)
    head = _first(value, _HEADLINE)
    inner = next((each for each in _TEXT if each != head and value.get(each)), None)
    if head is None and inner is None:
        raise MalformedRow(name, "a step without headline and without text")
    return step(_plain(value, head) if head else "", _plain(value, inner) if inner else "")


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedRow(name, f"expected a list, found {type(value).__name__}")
    return value


def _first(row: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((name for name in names if row.get(name)), None)


def _plain(row: Mapping[str, Any], name: str) -> str:
    return clean(conversation.text(row, name), name)
