"""HTML to plain text, keeping what LIMA keeps (section 2.1 of the paper): code blocks and lists, and the paragraphs between them.

Links lose their targets and keep their words; images and everything that is not text are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

DEEPEST = 256  # elements within elements; the parser takes quadratic time in it, people stay below 20

_DROPPED = frozenset(
    {"img", "script", "style", "template", "svg", "math", "iframe", "object", "video", "audio", "noscript", "head", "-comment"}
)
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
_SPACE = re.compile(r"[ \t\r\n\f]+")
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
            self._line.append(_SPACE.sub(" ", node.text_content or ""))
        elif tag == "br":
            self._line.append("\n")
        elif tag == "code":
            self._inline_code(node.text(deep=True))
        elif tag == "pre":
            self._flush()
            self._code(node.text(deep=True))
        elif tag == "sup":
            self._line.append("^")  # 10^5, not 105
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

    def _inline_code(self, code: str) -> None:
        code = _SPACE.sub(" ", code).strip()
        if code:
            ticks = "``" if "`" in code else "`"
            self._line.append(f"{ticks}{code}{ticks}")

    def _code(self, code: str) -> None:
        code = code.replace("\r\n", "\n").strip("\n").rstrip()
        if code:
            fence = "```"
            while fence in code:
                fence += "`"
            self._block(f"{fence}\n{code}\n{fence}")

    def _flush(self) -> None:
        lines = (re.sub(" {2,}", " ", line).strip() for line in "".join(self._line).split("\n"))
        self._line.clear()
        text = "\n".join(lines).strip()
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


def _first(node: LexborNode) -> int:
    start = node.attributes.get("start") or ""
    return int(start) if start.isdecimal() and len(start) < 7 else 1
