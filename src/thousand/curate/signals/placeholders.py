"""how often the prompt stands for something that is not there: a slot left unfilled, an attachment, a bare link no one can open.

LIMA (section 2.1) takes only prompts that are self-contained; generated pools hold many that are not.
"""

import re

from thousand.curate.texts import Texts, Values, count

_SLOT = re.compile(
    r"<\s*(?:no[ _-]?(?:input|output|context)|input|text|image|img|audio|video|file|blank)\s*/?>"
    r"|\[\s*(?:insert|add|your|enter|image|photo|picture|video|audio|link|url|file|attachment)\b[^\[\]\n]{0,60}\]"
    r"|\{\{?\s*[a-z_]{2,30}\s*\}?\}"
    r"|^[^\S\n]*(?:no input|n/?a|none|null|nan|todo|tbd)[^\S\n]*[.!]?[^\S\n]*$"
    r"|^[^\S\n]*(?:https?://|www\.)\S+[^\S\n]*$"
    r"|\b(?:see|in|view|attached is|find) (?:the )?attach(?:ed|ment)\b",
    re.IGNORECASE | re.MULTILINE,
)
_SPACE = r"[\s\x0b\x1c-\x1f\x85\pZ]*"  # RE2's own knows fewer spaces than Python's
_SCREEN = (
    r"(?m)<|\{|\[" + _SPACE + r"(?:insert|add|your|enter|image|photo|picture|video|audio|link|url|file|attachment)|attach(?:ed|ment)"
    rf"|^{_SPACE}(?:no input|n/?a|none|null|nan|todo|tbd|https?://|www\.)"
)


def placeholders(texts: Texts) -> Values:
    return count(texts.prompts, _SLOT, _SCREEN)
