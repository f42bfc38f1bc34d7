"""The texts that compress least, each beside those chosen before (ZIP, Yin et al. 2024, "Entropy Law")."""

import zlib
from collections.abc import Sequence

import numpy as np

from thousand.select.budget import Budget
from thousand.select.distinct import Distinct, same_text
from thousand.select.picks import Picks


def zip(texts: Sequence[str], budget: int | Budget, *, pool: int = 10_000, shortlist: int = 200, batch: int = 100) -> Picks:
    """Choose in rounds, so that the chosen texts together have a low ratio of bytes to compressed bytes.

    Each round: the ``pool`` rows of lowest ratio, as last measured, are measured anew together with all that is chosen; of these
    the ``shortlist`` of lowest ratio; and of these, one by one, the text that leaves the lowest ratio together with those of this round,
    until the round has a ``batch``. The paper's k1, k2 and k3. By itself a short text compresses least, so the pool of the first
    round is short; beside others it is a long one that is unlike them.

    Texts are compressed by zlib, which looks back 32 KB: beyond that a text is not known to be a copy, so copies are kept out by
    themselves. The gain of a pick is the share of its bytes that was new to the round when it was chosen. Cost: n compressions of a text,
    and then ``pool + shortlist * batch`` in each of k / batch rounds; nothing that was chosen is compressed again. Memory: one
    number a row.

    Args:
        texts: (n,) of the rows: what was asked and answered.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen.
    """
    budget = Budget.of(budget, len(texts))
    rows = Distinct(budget, same_text(texts))
    ratios = np.array([_Packed().ratio(text) for text in texts], dtype=np.float64)
    everything = _Packed()
    for row in budget.taken:
        everything.add(texts[row])
    gains = [np.nan] * len(budget.taken)
    while (left := np.flatnonzero(rows.open)).size:
        some = left[np.argsort(ratios[left], kind="stable")[:pool]]
        ratios[some] = [everything.ratio(texts[row]) for row in some.tolist()]
        few = some[np.lexsort((some, ratios[some]))[:shortlist]].tolist()
        this, chosen = _Packed(), 0
        while few and chosen < batch and not budget.full:
            row = min(few, key=lambda row: (this.ratio(texts[row]), row))
            few.remove(row)
            if rows.take(row):
                gains.append(this.new(texts[row]))
                this.add(texts[row])
                everything.add(texts[row])
                chosen += 1
    gains += [0.0] * len(rows.rest(-ratios))
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(gains))


class _Packed:
    """Texts compressed one after another, and what one more would make of them."""

    def __init__(self) -> None:
        self._state, self._plain, self._packed = zlib.compressobj(), 0, 0

    def add(self, text: str) -> None:
        """One more text."""
        data = _bytes(text)
        self._packed += len(self._state.compress(data))
        self._plain += len(data)

    def ratio(self, text: str) -> float:
        """Bytes to compressed bytes with one more text; of an empty one infinite."""
        data = _bytes(text)
        return (self._plain + len(data)) / self._with(data) if data else np.inf

    def new(self, text: str) -> float:
        """The share of a text's bytes that compression does not spare."""
        data = _bytes(text)
        return (self._with(data) - self._with(b"")) / max(len(data), 1)

    def _with(self, data: bytes) -> int:
        state = self._state.copy()
        return self._packed + len(state.compress(data)) + len(state.flush())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
