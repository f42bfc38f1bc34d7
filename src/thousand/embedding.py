"""Texts to unit vectors, so that likeness is an inner product."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thousand.errors import RecipeError


class Embedder(Protocol):
    """Anything that turns n texts into (n, d) float32 vectors of unit length."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts."""


class Tfidf:
    """The default, which needs no model: TF-IDF of words and word pairs, reduced by truncated SVD (latent semantic analysis).

    A text's vector depends on which texts there are, but not on their order.

    Args:
        dimensions: d. Where there are no more texts or no more terms than that, the terms stand as they are, unreduced.
    """

    def __init__(self, dimensions: int = 128) -> None:
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts; a text without a word is a vector of zeros."""
        return self.fit(texts).encode(texts)

    def fit(self, texts: Sequence[str]) -> Embedder:
        """An embedder that knows how frequent the words of these texts are, and which go together."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        weigh = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=200_000, dtype=np.float32)
        try:
            terms = weigh.fit_transform(sorted(texts))
        except ValueError:  # no text has a word
            return _Nowhere()
        reduce = TruncatedSVD(self.dimensions, random_state=0).fit(terms) if min(terms.shape) > self.dimensions + 1 else None
        return _Fitted(weigh, reduce)


@dataclass(frozen=True)
class _Fitted:
    weigh: Any
    reduce: Any

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        terms = self.weigh.transform(texts)
        return unit(self.reduce.transform(terms) if self.reduce is not None else terms.toarray())


class _Nowhere:
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 1), dtype=np.float32)


class SentenceTransformer:
    """A sentence-transformers model in a folder of this machine. Nothing is downloaded, and no code of the folder's is run.

    Args:
        folder: with ``modules.json`` and the weights as safetensors.

    Raises:
        RecipeError: sentence-transformers is not installed, or the folder holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        try:
            modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
            foreign = [each["type"] for each in modules if not each["type"].startswith("sentence_transformers.")]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RecipeError(
                f"model: {folder} is no sentence-transformers model: {error}", "Name its folder, with modules.json."
            ) from error
        if foreign:
            raise RecipeError(f"model: {folder} wants code that is not sentence-transformers' own: {foreign[0]}", "Choose another model.")
        try:
            import sentence_transformers
        except ImportError:
            raise RecipeError(
                "model: sentence-transformers is not installed.", "Install it: pip install sentence-transformers; or leave model out."
            ) from None
        try:
            self._model = sentence_transformers.SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, AttributeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RecipeError(f"model: {folder} cannot be loaded: {reason}", "Check the folder; weights must be safetensors.") from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts."""
        if not texts:
            return np.zeros((0, self._model.get_sentence_embedding_dimension() or 1), dtype=np.float32)
        return unit(self._model.encode(list(texts), convert_to_numpy=True, show_progress_bar=False))


@functools.lru_cache(maxsize=2)
def embedder(folder: str | Path) -> Embedder:
    """A `SentenceTransformer`, loaded once in a process."""
    return SentenceTransformer(Path(folder))


class Kept:
    """An embedder whose vectors are kept in a folder, so that no text is encoded twice, in whatever order or company it comes.

    Args:
        inner: does the work.
        folder: holds pairs of files, ``00000.keys.npy`` and ``00000.vectors.npy``. The second is written first.
        identity: of what the vectors depend on, such as a digest of the weights.
    """

    def __init__(self, inner: Embedder, folder: Path, identity: str) -> None:
        self.inner, self.folder, self.identity = inner, folder, identity
        self._kept: dict[bytes, NDArray[np.float32]] = {}
        self._parts = sorted(folder.glob("*.keys.npy"))
        for part in self._parts:
            keys: NDArray[np.void] = np.load(part, allow_pickle=False)
            vectors = np.load(part.with_name(part.name.replace("keys", "vectors")), allow_pickle=False)
            self._kept |= zip((key.tobytes() for key in keys), vectors, strict=True)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d), in the order of the texts."""
        keys = [hashlib.blake2b(f"{self.identity} {text}".encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        if new:
            vectors = self.inner.encode(list(new.values()))
            self._kept |= zip(new, vectors, strict=True)
            self._keep(np.frombuffer(b"".join(new), dtype="V16"), vectors)
        return np.stack([self._kept[key] for key in keys]) if keys else self.inner.encode([])

    def _keep(self, keys: NDArray[np.void], vectors: NDArray[np.float32]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(self._parts)
        for name, array in (("vectors", vectors), ("keys", keys)):
            path = self.folder / f"{number:05d}.{name}.npy"
            partial = path.with_suffix(".partial")
            with partial.open("wb") as stream:
                np.save(stream, array, allow_pickle=False)
            os.replace(partial, path)
        self._parts.append(path)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors at length 1; a vector of zeros stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
    return scaled


_STEP = 1 << 11


def exact(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors at fixed point, so that every inner product is the same on every machine, with any number of threads.

    Entries become multiples of 2^-11. Then each partial sum of an inner product is a multiple of 2^-22 below about 1, which a float32
    holds exactly, so that the order of the sum does not matter. The price is an error of some 1e-4 in a cosine.
    """
    fixed: NDArray[np.float32] = np.rint(vectors * _STEP).astype(np.float32) / np.float32(_STEP)
    return fixed
