"""Text of unknown making as something to look at: Markdown and code as HTML with nothing in it that acts, loads or hides."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
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
    shown = _seen(whole[:LONGEST])
    return f"{shown}… ({len(whole) - LONGEST:,} characters more)" if len(whole) > LONGEST else shown


def markdown(text: str) -> Markup:
    """CommonMark with tables and strikethrough, sanitised.

    HTML in the text is shown as it is written; images as their words and address; a link, only of http and https, as its words
    with the address behind them, and it tells the other side nothing. Headings start at level 3, below those of the page. Markdown
    has ways to say what is not shown, such as cells that a table has no column for: where one is used the source stands below.
    """
    source = plain(text)
    html = _seen(_clean(_PARSER.render(source)))  # seen anew: titles have entities, and they are marks only now
    if _letters(source) - _letters(unescape(re.sub("<[^>]*>", "", html))):
        html += f"<p><span>Rendered, not all of it shows. As it is written:</span></p>\n<pre><code>{_text(source)}</code></pre>\n"
    return Markup(html)  # noqa: S704  sanitised by an allow-list


def _letters(text: str) -> Counter[str]:
    return Counter(filter(str.isalpha, text))


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "th": set(), "td": set()},
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https"},
        url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.disable(["reference", "entity"])  # a definition is not shown, whatever it says; and what is trained on is &quot; and no quote

    def image(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        return f"[image: {_text(tokens[at].content)} ({_text(_address(tokens[at], 'src'))})]"

    def fence(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        said = f"<p><span>{_text(tokens[at].info.strip())}</span></p>\n" if tokens[at].info.strip() else ""
        return f"{said}<pre><code>{_text(tokens[at].content)}</code></pre>\n"

    def heading_open(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        return f"<h{min(int(tokens[at].tag[1]) + 2, 6)}>"

    def heading_close(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        return f"</h{min(int(tokens[at].tag[1]) + 2, 6)}>\n"

    def link_close(self: object, tokens: list, at: int, options: object, env: object) -> str:  # type: ignore[type-arg]
        opened = next(token for token in reversed(tokens[:at]) if token.type == "link_open")
        return f"</a> <span>({_text(_address(opened, 'href'))})</span>"

    parser.add_render_rule("image", image)
    parser.add_render_rule("fence", fence)
    parser.add_render_rule("heading_open", heading_open)
    parser.add_render_rule("heading_close", heading_close)
    parser.add_render_rule("link_close", link_close)
    return parser


def _address(token: Token, name: str) -> str:
    """Where a link or an image leads to, with its title."""
    return " ".join(str(token.attrGet(each)) for each in (name, "title") if token.attrGet(each))


def _text(words: str) -> str:
    return str(Markup.escape(words))


def _seen(text: str) -> str:
    return text.translate({ord(letter): _visible(letter) for letter in set(text)})


def _visible(letter: str) -> str:
    if letter in "\n\t " or letter in _JOINERS or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return f"[U+{ord(letter):04X}]" if letter != "\r" else ""


_PARSER = _parser()
