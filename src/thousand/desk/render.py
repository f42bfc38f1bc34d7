"""Text of unknown making as something to look at: Markdown and code as HTML with nothing in it that acts, loads or hides."""

from __future__ import annotations

import unicodedata

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

LONGEST = 40_000
"""Characters of one text that are rendered; what is longer is shown to there and says so. Editing sees all of it."""
_TAGS = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
_TAGS |= {"h3", "h4", "h5", "h6", "a", "span"}
_HIDDEN = {"Cf", "Cc", "Co", "Cs", "Cn", "Zl", "Zp"}  # format (direction marks among them), control, private, surrogate, unassigned
_JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji are written with them


def plain(text: object) -> str:
    """The text with every mark that one cannot see, or that turns the direction of others, made visible. Escaping is the template's."""
    whole = str(text)
    shown = "".join(_visible(letter) for letter in whole[:LONGEST])
    return f"{shown}… ({len(whole) - LONGEST:,} characters more)" if len(whole) > LONGEST else shown


def markdown(text: str) -> Markup:
    """CommonMark with tables and strikethrough, sanitised.

    HTML in the text is shown as it is written; images as their words; a link, only of http and https, as its words with the
    address behind them, and it tells the other side nothing. Headings start at level 3, below those of the page.
    """
    return Markup(_clean(_PARSER.render(plain(text))))  # noqa: S704  sanitised by an allow-list


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "th": set(), "td": set()},
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https"},
        url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", lambda self, tokens, at, options, env: f"[image: {_text(tokens[at].content)}]")

    def heading_open(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        return f"<h{min(int(tokens[at].tag[1]) + 2, 6)}>"

    def heading_close(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        return f"</h{min(int(tokens[at].tag[1]) + 2, 6)}>\n"

    def link_close(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        opened = next(token for token in reversed(tokens[:at]) if token.type == "link_open")
        return f"</a> <span>({_text(str(opened.attrGet('href') or ''))})</span>"

    parser.add_render_rule("heading_open", heading_open)
    parser.add_render_rule("heading_close", heading_close)
    parser.add_render_rule("link_close", link_close)
    return parser


def _text(words: str) -> str:
    return str(Markup.escape(words))


def _visible(letter: str) -> str:
    if letter in "\n\t " or letter in _JOINERS or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return f"[U+{ord(letter):04X}]" if letter != "\r" else ""


_PARSER = _parser()
