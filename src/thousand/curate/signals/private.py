"""how often the conversation has private matter: e-mail addresses, telephone numbers, addresses of the internet, keys, card numbers, IBANs.

It is counted in every turn, and `thousand.curate.private` says what counts. No preset drops by it; ``clean: {mask: [email]}``
puts placeholders in its place.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from thousand.curate.private import MAYBE, find
from thousand.curate.texts import Texts, Values


def private(texts: Texts) -> Values:
    together = ["\n".join(turn["content"] for turn in turns) for turns in texts.conversations]
    values = np.zeros(len(texts))
    maybe = pc.match_substring_regex(pa.array(together, pa.large_string()), MAYBE)
    for row in np.flatnonzero(maybe.to_numpy(zero_copy_only=False)).tolist():
        values[row] = sum(len(find(turn["content"])) for turn in texts.conversations[row])
    return values
