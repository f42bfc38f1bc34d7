"""how often the response insults its reader or sends them away."""

import re

from thousand.curate.texts import Texts, Values, count

_ADJECTIVE = r"(?:stupid|dumb|lazy|ignorant|foolish|pathetic|idiotic)"
_NOUN = r"(?:fool|loser|jerk|clown)"
_INSULTS = re.compile(
    r"\b(?:idiots?|morons?|imbeciles?|dumbass(?:es)?|screw you|f+u+c+k\w*|bullshit)\b"
    # Words that are harmless elsewhere (lazy loading, a jerk of the rope, the pain will go away) count when they are aimed.
    rf"|\byou(?:['\u2019]re| are) (?:(?:so|such|really|just|an?|the|complete|total|utter) )*(?:{_ADJECTIVE}|{_NOUN})\b"
    rf"|\byou (?:{_ADJECTIVE} )?{_NOUN}(?=\s*[.,!?]|\s*\Z)"
    rf"|(?<!no )(?<!no such thing as a )\b{_ADJECTIVE} (?:questions?|posts?|askers?|people like you)\b"
    rf"|\bonly an? {_NOUN} (?:would|could|asks?)\b"
    r"|(?:^|[.!?])[ \t]*(?:(?:now|just|so|please) )?(?:shut up\b|(?:go away|get lost)(?=[ \t]*(?:[.!,]|$)))",
    re.IGNORECASE | re.MULTILINE,
)
_SCREEN = (
    rf"\b(?:idiot|moron|imbecile|dumbass|screw you|f+u+c+k|bullshit)|\byou(?:.re| are) .*\b(?:{_ADJECTIVE}|{_NOUN})\b"
    rf"|\byou (?:{_ADJECTIVE} )?{_NOUN}\b|\b{_ADJECTIVE} (?:question|post|asker|people)|\bonly an? {_NOUN} (?:would|could|ask)"
    r"|\b(?:shut up|go away|get lost)\b"
)


def insults(texts: Texts) -> Values:
    return count(texts.prose, _INSULTS, _SCREEN)
