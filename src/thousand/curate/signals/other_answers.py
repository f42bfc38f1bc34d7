"""how often the response points to other answers, posts or the site it stood on (LIMA, section 2.1, allows none)."""

import re

import numpy as np

from thousand.curate.texts import Texts, Values

_POINTERS = re.compile(
    r"\bas (?:\w+ )?(?:mentioned|noted|stated|said|pointed out)\b"
    r"|\b(?:see|read|per|like) (?:the )?(?:above|below|other|previous|earlier|accepted|answers?)\b"
    r"|\b(?:other|previous|earlier|above|accepted|answer|comments?|another) (?:answers?|posts?|posters?|comments?|threads?|below|above)\b"
    r"|\b(?:already answered|possible duplicate|upvote[ds]?|downvote[ds]?|stack ?(?:exchange|overflow)|original poster|\bthe OP\b)"
    r"|^\s*(?:edit|update)\s*\d*:",
    re.IGNORECASE | re.MULTILINE,
)


def other_answers(texts: Texts) -> Values:
    return np.array([len(_POINTERS.findall(prose)) for prose in texts.prose], dtype=np.float64)
