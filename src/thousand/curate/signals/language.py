"""the probability that the response is in the language ``want``, of 73 languages; null where there is too little prose.

By py3langid (Lui & Baldwin 2012, "langid.py"; its newer model), from the beginning of the prose: code, fenced or not, is left out.
"""

import functools
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from thousand.curate.texts import Measured, Texts, Values

Language = Literal[
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr",
    "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "la", "lo", "lt", "lv",
    "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw",
    "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
]  # fmt: skip

_READ = 200
"""Bytes of a response that are read: a language shows itself in fewer."""
_FEWEST = 100
"""Bytes of letters. In fewer, a list of names looks like any language."""
_LIKE_CODE = r"(?m)^.*(?:[{}=<>\\|]|;\s*$|\w\([^s]|\w\[).*$"


def language(texts: Texts, *, want: Language = "en") -> Measured:
    prose = pc.utf8_slice_codeunits(pa.array(texts.prose, pa.large_string()), 0, 4 * _READ)
    prose = pc.utf8_trim_whitespace(pc.replace_substring_regex(prose, _LIKE_CODE, ""))
    letters = pc.binary_length(pc.replace_substring_regex(prose, r"\PL+", "")).to_numpy(zero_copy_only=False)
    values = np.full(len(texts), np.nan)
    enough = np.flatnonzero(letters >= _FEWEST)
    model = _model()
    read = [_bytes(text) for text in prose.take(pa.array(enough)).to_pylist()]
    for start in range(0, len(read), 4096):
        values[enough[start : start + 4096]] = model.probability(read[start : start + 4096], want)
    return Measured(values, ["too little prose"] * len(texts))


def _bytes(text: str) -> bytes:
    return (text.lower() if text.isupper() else text).encode()[:_READ]


class _Model:
    """py3langid's model over many texts at once: its own walk goes through one text byte by byte, a hundred times slower.

    Attributes:
        following: (distinct states, 256), the state after a byte. row: for each state its row there.
        feature: for each state the feature that is complete in it, or -1.
        weights: (features, languages), logarithms. prior: (languages,).
    """

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # not before it is asked for: it takes a second to load

        model: Any = LanguageIdentifier.from_model_file(MODEL_FILE)
        self.languages = sorted(Language.__args__)  # type: ignore[attr-defined]
        model.set_languages(self.languages)
        self.names: list[str] = list(model.nb_classes)
        self.weights: NDArray[np.float32] = np.asarray(model.nb_ptc, dtype=np.float32)
        self.prior: NDArray[np.float32] = np.asarray(model.nb_pc, dtype=np.float32)
        self.following = np.asarray(model.tk_nextmove).reshape(-1, 256)
        self.row = np.asarray(model.tk_row)
        self.feature = np.asarray(model.tk_output)

    def probability(self, texts: list[bytes], want: str) -> Values:
        """Of the language wanted, for each text."""
        lengths = np.array([len(text) for text in texts])
        order = np.argsort(-lengths)
        read = np.zeros((len(texts), int(lengths.max())), np.uint8)
        for place, each in enumerate(order.tolist()):
            read[place, : lengths[each]] = np.frombuffer(texts[each], np.uint8)
        state, found, where = np.zeros(len(texts), np.int64), [], []
        alive = np.searchsorted(-lengths[order], -np.arange(read.shape[1]))  # at each place the texts that go on to it
        for place, count in enumerate(alive.tolist()):
            state = self.following[self.row[state[:count]], read[:count, place]].astype(np.int64)
            feature = self.feature[state]
            here = np.flatnonzero(feature >= 0)
            found.append(feature[here])
            where.append(here)
        rows, features = np.concatenate(where), np.concatenate(found)
        counts = sparse.csr_array((np.ones(len(rows), np.float32), (rows, features)), shape=(len(texts), len(self.weights)))
        counts.sum_duplicates()
        counts.data = np.log1p(counts.data)
        scores = (counts @ self.weights + self.prior) / np.sqrt(lengths[order])[:, None]  # tempered as py3langid does
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = odds[:, [name == want for name in self.names]].sum(axis=1) / odds.sum(axis=1)  # some have two columns
        values = np.empty(len(texts))
        values[order] = shares
        return values


@functools.cache
def _model() -> _Model:
    return _Model()
