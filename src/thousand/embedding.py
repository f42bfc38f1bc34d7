"""Texts to unit vectors, so that likeness is an inner product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Anything that turns n texts into (n, d) float32 vectors of unit length."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts."""


class Tfidf:
    """The default, which needs no model: TF-IDF of words and word pairs, reduced by truncated SVD (latent semantic analysis).

    It is fitted to the texts it encodes. Equal sets of texts in the same order give equal vectors on one machine.

    Args:
        dimensions: d. Where there are no more texts or no more terms than that, the terms stand as they are, unreduced.
    """

    def __init__(self, dimensions: int = 128) -> None:
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts; a text without a word is a vector of zeros."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        try:
            terms = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=200_000, dtype=np.float32).fit_transform(texts)
        except ValueError:  # no text has a word
            return np.zeros((len(texts), 1), dtype=np.float32)
        if min(terms.shape) > self.dimensions + 1:
            vectors = TruncatedSVD(self.dimensions, random_state=0).fit_transform(terms)
        else:
            vectors = terms.toarray()
        return unit(vectors)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors at length 1; a vector of zeros stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
    return scaled
