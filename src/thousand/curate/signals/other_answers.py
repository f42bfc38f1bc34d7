"""how often the response points to other answers, posts or the site it stood on (LIMA, section 2.1, allows none)."""

import re

from thousand.curate.texts import Texts, Values, count

_POINTERS = re.compile(
    r"\bas (?!(?:he|she|it|we|they) )(?:\w+ )?(?:mentioned|noted|stated|said|pointed out)\b"
    r"|\b(?:see|per) (?:the )?above\b"
    r"|\b(?:other|previous|earlier|above|below|accepted|another) (?:answers?|posts?|posters?|comments?)\b(?!-)"
    r"|\b(?:answers?|posts?|comments?) (?:above|below)\b"
    r"|\b(?:already answered|possible duplicate|upvote[drs]*|downvote[drs]*|original poster|stack ?exchange|stackoverflow)\b"
    r"|(?-i:\bStack Overflow\b|\b[Tt]he OP\b)"  # the site and the person; a stack overflow and the op amp are neither
    r"|^[ \t]*(?:edit|update) ?\d*:",
    re.IGNORECASE | re.MULTILINE,
)
_SCREEN = (
    r"\bas (?:[^ \n]+ )?(?:mentioned|noted|stated|said|pointed out)\b|\b(?:see|per) (?:the )?above\b"
    r"|\b(?:other|previous|earlier|above|below|accepted|another) (?:answer|post|comment)|\b(?:answer|post|comment)s? (?:above|below)\b"
    r"|already answered|possible duplicate|upvote|downvote|original poster|stack ?exchange|stack ?overflow|\bthe op\b"
    r"|(?m:^[ \t]*(?:edit|update))"
)


def other_answers(texts: Texts) -> Values:
    return count(texts.prose, _POINTERS, _SCREEN)
