"""HTML to plain text, keeping what LIMA keeps (section 2.1 of the paper): code blocks and lists, and the paragraphs between them.

Links lose their targets and keep their words; images and everything that is not text are dropped, with the brackets and the
full stop that stood around them alone. Formulas set on lines of their own (``$$ ... $$``, as sites with MathJax write them)
keep their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

DEEPEST = 256  # elements within elements; the parser takes quadratic time in it, people stay below 20

_DROPPED = frozenset({"script", "style", "template", "svg", "math", "iframe", "object", "video", "audio", "noscript", "head", "-comment"})
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "hr",
        "section",
        "article",
    }
    | {"details", "summary", "figure", "figcaption", "center", "header", "footer", "aside", "main", "nav", "address", "form", "fieldset"}
)
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
# In a line that gathers: the source had a line break here; an image; dollars that are code. HTML has none of these characters.
_BREAK, _IMAGE, _CODE = "\x0b", "\x0e", "\x0f"
_INLINE = re.compile(rf"[ \t\r\n\f\xa0{_BREAK}]+")
_FORMULA = re.compile(rf"\$\$(?=[^$])(.*?[^$])\$\$(?:[ {_BREAK}]*([.,;:])(?!\S))?")
_BRACKETS = re.compile(rf" ?[(\[][\s{_IMAGE}]*[)\]]")
_POWER = re.compile(r"[-+\u2212]?\w{1,8}")
_ORDINAL = re.compile(r"st|nd|rd|th", re.IGNORECASE)
# Elements that need no end, or may leave it out, say nothing about depth.
_NESTING = re.compile(r"<(/?)(?!(?:br|hr|img|p|li|td|tr|th|dt|dd|input|source|wbr|col)\b)[a-z]", re.IGNORECASE)


def text_of(html: str) -> str:
    """The text of a fragment of HTML: paragraphs parted by blank lines, code in fences or backticks, lists as ``- `` and ``1. ``.

    Raises:
        ValueError: elements are nested deeper than `DEEPEST`.
    """
    depth = 0
    for tag in _NESTING.finditer(html):
        depth += -1 if tag[1] else 1
        if depth > DEEPEST:
            raise ValueError(f"HTML nested deeper than {DEEPEST} elements")
    body = LexborHTMLParser(html).body
    page = _Page()
    if body is not None:
        for entering, node in _walk(body):
            (page.enter if entering else page.leave)(node)
    return page.text()


def _walk(root: LexborNode) -> Iterator[tuple[bool, LexborNode]]:
    """Every node as it is entered and as it is left, in the order of the text. Code blocks and what is dropped are not walked."""
    stack: list[LexborNode] = []
    node: LexborNode | None = root.child
    while node is not None or stack:
        if node is None:
            parent = stack.pop()
            yield False, parent
            node = parent.next
            continue
        tag = str(node.tag)
        if tag not in _DROPPED:
            yield True, node
            if tag not in ("-text", "pre", "code") and node.child is not None:
                stack.append(node)
                node = node.child
                continue
            yield False, node
        node = node.next


class _Page:
    """The text so far. Inline text gathers in a line until a block begins or ends."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._line: list[str] = []
        self._lists: list[int | None] = []  # of each open list: the number of its next item, None for bullets
        self._indents: list[int] = []  # of each open item: the width of its marker
        self._marker = ""  # of an item that has begun and has no text yet
        self._in_list = False  # whether the last block stood in a list

    def enter(self, node: LexborNode) -> None:
        tag = str(node.tag)
        if tag == "-text":
            self._line.append(_INLINE.sub(_blank, _plain(node.text_content or "")))
        elif tag == "br":
            self._line.append("\n")
        elif tag == "code":
            self._inline_code(node.text(deep=True))
        elif tag == "pre":
            self._flush()
            self._code(node.text(deep=True))
        elif tag == "img":
            self._line.append(_IMAGE)
        elif tag == "sup":
            self._raise(node.text(deep=True).strip())
        elif tag in ("td", "th") and any(part.strip() for part in self._line):
            self._line.append(" | ")
        elif tag in _BLOCKS:
            self._flush()
            if tag in ("ul", "ol"):
                self._lists.append(_first(node) if tag == "ol" else None)
            elif tag == "li":
                self._item()

    def leave(self, node: LexborNode) -> None:
        tag = str(node.tag)
        if tag in _BLOCKS:
            self._flush()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            elif tag == "li" and self._indents:
                self._indents.pop()
                self._marker = ""

    def text(self) -> str:
        self._flush()
        return "".join(self._blocks)

    def _item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._marker = "- "
        else:
            self._marker = f"{number}. "
            self._lists[-1] = number + 1
        self._indents.append(len(self._marker))

    def _raise(self, text: str) -> None:
        """10^5, not 105; but 1st, and small print stays as it is."""
        before = next((part[-1] for part in reversed(self._line) if part), " ")
        if (before.isalnum() or before in ")]}") and _POWER.fullmatch(text) and not _ORDINAL.fullmatch(text):
            self._line.append("^")

    def _inline_code(self, code: str) -> None:
        code = _SPACE.sub(" ", _plain(code)).strip().replace("$$", f"${_CODE}$")
        if "`" in code:
            self._line.append(f"`` {code} ``")
        elif code:
            self._line.append(f"`{code}`")

    def _code(self, code: str) -> None:
        code = code.replace("\r\n", "\n").strip("\n").rstrip()
        if code:
            fence = "```"
            while fence in code:
                fence += "`"
            self._block(f"{fence}\n{code}\n{fence}")

    def _flush(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        if _IMAGE in line:
            line = _BRACKETS.sub(lambda found: "" if _IMAGE in found[0] else found[0], line).replace(_IMAGE, "")
            if not any(character.isalnum() for character in line):
                return  # a full stop that stood behind an image
        line = _FORMULA.sub(_displayed, line).replace(_BREAK, " ").replace(_CODE, "")
        text = "\n".join(re.sub(" {2,}", " ", each).strip() for each in line.split("\n")).strip()
        if text:
            self._block(text)

    def _block(self, text: str) -> None:
        item = bool(self._marker)
        indent = " " * sum(self._indents)
        first = indent[: len(indent) - len(self._marker)] + self._marker
        lines = text.split("\n")
        written = [first + lines[0], *(indent + line if line else "" for line in lines[1:])]
        if self._blocks:
            self._blocks.append("\n" if item and self._in_list else "\n\n")
        self._blocks.append("\n".join(written))
        self._marker, self._in_list = "", bool(self._indents)


def _plain(text: str) -> str:
    return text.replace(_BREAK, " ").replace(_IMAGE, " ").replace(_CODE, " ")


def _blank(found: re.Match[str]) -> str:
    return _BREAK if "\n" in found[0] else " "


def _displayed(found: re.Match[str]) -> str:
    """A formula on lines of its own, broken as its author broke it, with the punctuation behind it."""
    formula = found[1].strip(" " + _BREAK).replace(_BREAK, "\n")
    return f"\n$${formula}$${found[2] or ''}\n"


def _first(node: LexborNode) -> int:
    start = node.attributes.get("start") or ""
    return int(start) if start.isdecimal() and len(start) < 7 else 1
