"""the share of the response's words that stand in sentences which only refuse: 1 for a bare refusal, 0 for none.

What a response says besides counts against it: LIMA (section 2.2) has answers that refuse a part or all of a request and
explain why, and they stay; "I'm sorry, I can't help with that." teaches nothing. A refusal is looked for in the first
three sentences, in English.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from thousand.curate.texts import Texts, Values, sentences, words

_FIRST = 3
_UNABLE = r"(?:not able|unable|not allowed|not permitted)"
_CANNOT = rf"(?:can(?:no|')?t|can not|could(?:n't| not)|won't|will not|would rather not|(?:am|'m) {_UNABLE}(?: to)?)"
_DO = (
    r"(?:(?:really|currently|directly|personally|actually|in good conscience) )?(?:help(?! but)|assist|answer|provide|do (?:that|this|so)"
    r"|give (?:you|an?|any|out|advice|medical|legal)|comply|fulfil|generate|create|produce|write|discuss|share|offer|support|engage|access"
    r"|browse|open|complete|process|respond|participate|continue with|be of (?:any )?help|make (?:that|such|this)|perform|translate"
    r"|summari[sz]e|condone|carry out)\b"
)
_REFUSES = re.compile(
    rf"\bI {_CANNOT} {_DO}|\bI'm {_UNABLE} to {_DO}"
    rf"|\b(?:sorry|apologi[sz]e|apologies|unfortunately|regret)\b.{{0,40}}\b(?:{_CANNOT}|{_UNABLE}|not possible|not appropriate)\b"
    r"|^(?:I'm |I am )?(?:very |so |really )?sorry[,.]? ?(?:no[,.]?)?$"
    r"|\bI (?:must|have to|will have to|need to) (?:respectfully )?(?:decline|refuse)\b|\bI (?:respectfully )?(?:decline|refuse) to\b"
    r"|\bI (?:do not|don't) (?:have (?:the ability|the capability|access|enough information|permission)|feel comfortable)\b"
    r"|\b(?:this|that|your|the) (?:request|question|task|prompt|instruction|input) (?:cannot|can't|can not) be (?:\w+ )?"
    r"(?:answered|completed|done|fulfilled|processed|performed|granted)\b"
    r"|\b(?:it is|it's|it would be|is) (?:not possible|impossible|not appropriate|inappropriate|unethical|against (?:my|our)) .{0,30}\bto "
    r"(?:answer|provide|complete|generate|give|fulfil|help|assist|process|perform)",
    re.IGNORECASE,
)
_SCREEN = (
    r"\bI(?:.m| am)? (?:can(?:no|.)?t|can not|could|won|will (?:not|have)|would rather|not|unable|must|have to|need to|respectfully|decline"
    r"|refuse|do not (?:have|feel)|don.t (?:have|feel))\b|\b(?:sorry|apologi[sz]e|apologies|unfortunately|regret)\b"
    r"|(?:request|question|task|prompt|instruction|input) can.{1,4} be "
    r"|\b(?:is|it.s|be) (?:not possible|impossible|not appropriate|inappropriate|unethical|against) "
)
_READ = 2000
"""Characters: the first sentences are looked for here."""


def refusal(texts: Texts) -> Values:
    values = np.zeros(len(texts))
    starts = pa.array([prose[:_READ] for prose in texts.prose], pa.large_string())
    maybe = pc.match_substring_regex(starts, _SCREEN, ignore_case=True)
    for row in np.flatnonzero(maybe.to_numpy(zero_copy_only=False)).tolist():
        values[row] = _share(texts.prose[row], len(texts.words[row]))
    return values


def _share(text: str, total: int) -> float:
    start = sentences(text[:_READ])[:_FIRST]
    refusing = sum(len(words(sentence)) for sentence in start if _REFUSES.search(sentence.replace("\u2019", "'")))
    return min(1.0, refusing / total) if total else 0.0
