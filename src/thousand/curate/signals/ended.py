"""1 where the response comes to an end, 0 where it breaks off in the middle of a sentence.

Most answers without a full stop are whole: a label, a name, a number, a list, a title, a line of code, a signature, hashtags. So
a break is looked for, and not a stop. A response breaks off where it is empty, or where its last line ends without a stop and

- ends in a comma, a colon, a dash, an opening bracket or a currency sign;
- ends in a word that ends no sentence (the, of, and, because), after another word, or begins one (The, It, And);
- goes on in small letters, or with but a few words, after a finished sentence;
- is an item of a list whose item before ends with a stop;
- is running text: a clause of more than `_LONGEST` words of four letters or more in small letters.

Lines of code and tables have no sentences.
"""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_TAIL = 2000
"""Characters: a last line that is longer is judged by its end."""
_LONGEST = 5
_SENTENCE = 200
"""Characters of a last line that tell whether its last sentence was only begun."""

_STOPS = ".!?\u2026\u3002\uff01\uff1f\u0964\u061f\u06d4"  # of Latin, Chinese and Japanese, Hindi, Arabic and Urdu
_CLOSERS = "\"'*_)\\]\u201d\u2019\u00bb\uff09\u300d\u300f\u300b"
_SMILES = "\u2600-\u27bf\U0001f300-\U0001faff"
_ENDED = re.compile(rf"(?:[{_STOPS}][{_CLOSERS}]*|```|:-?\)|[{_SMILES}]\ufe0f?|\|)\Z")
_OPEN = re.compile(r"[,:([{\u2013\u2014\uff0c\u3001\uff1a\uff08\u201c\u060c]\Z|(?:^|\s)[-\"$\u20ac\u00a3]\Z|\bin (?:19|20)\Z")
_WHOLE = re.compile(
    r"[\])}>\"'\u201d\u2019$;]\Z|(?:^|\s)(?:[#@]|https?://|www\.)\S+\Z"  # closed; a hashtag, a person's or a page's address
    r"|[.!?\"'\u201d\u2019]\s*[-~\u2013-\u2015]+\s*[\w.'\u2019]+(?:[, ]+[\w.'\u2019]+){0,5}\Z"  # whose words they are
)
_ITEM = re.compile(r"\s*(?:[-*\u2022]|(?:\d+|[A-Za-z]|[ivx]+)[.)])\s*\S")
_CODE = re.compile(r"[={}<>\\|]|\w\(|\w\[|^\s*(?:#|//|--)")
_NEVER_LAST = (
    "a|an|the|and|or|but|nor|of|to|from|with|without|into|onto|upon|than|that|which|whose|because|although|while|if|unless|as|at|by|for"
    "|is|are|was|were|be|been|has|have|had|its|their|your|his|my|our|such|this|these|those|can|could|will|would|should|may|might|must"
    "|between|among|through|during|including|very|also|not|it's|they|you|we|he|she"
)
_DANGLING = re.compile(
    rf"[a-z0-9'\u2019\")][,;]? (?:{_NEVER_LAST})\Z"
    r"|[a-z0-9)][.!?][\"')\u201d]*\s+(?:A|An|The|It|Its|This|These|That|In|On|At|As|For|And|But|Or|If|When|While|He|She|They|We|There|With|To)\Z"
)
_CLAUSE = re.compile(rf"[,;:()\[\]\"\u201c\u201d\u2013\u2014]|[{_STOPS}](?=\s)|(?<=\s)-(?=\s)")
_BEGUN = re.compile(r"(?:\S+\s+){3,}(?:[a-z]\w*|\w{4,})\.[\"')\u201d]*\s+(?:\w\S*\s+){0,3}\w\S*\Z")  # Dr., Ltd. and St. end no sentence
_FINISHED = re.compile(r"(?<=[a-z])[.!?][\"')\u201d]*\s+(?=[A-Z])")


def ended(texts: Texts) -> Values:
    return np.array([_has_ended(response) for response in texts.responses], dtype=np.float64)


def _has_ended(text: str) -> bool:
    before, _, last = text[-_TAIL:].rstrip().rpartition("\n")
    if _ENDED.search(last[-20:]):
        return True
    if not last or _OPEN.search(last[-20:]) or _DANGLING.search(last[-40:]):
        return False
    if _WHOLE.search(last[-100:]):
        return True
    if _ITEM.match(last):
        item = before.rstrip().rpartition("\n")[2]
        return not (_ITEM.match(item) and item[-1] in _STOPS)
    if _CODE.search(last):
        return True
    sentences = _FINISHED.split(last)
    if len(sentences) > 1:
        return not _BEGUN.search(last[-_SENTENCE:]) and not _running(_CLAUSE.split(sentences[-1])[-1])
    return max(map(_running, _CLAUSE.split(last))) <= _LONGEST


def _running(text: str) -> int:
    """The words in small letters; those of up to three letters stand in names and titles, too."""
    return sum(word.islower() for word in text.split() if len(word) > 3 and word[0].isalpha())
