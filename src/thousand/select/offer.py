"""What strategies can ask for, by the names of their parameters: each thing is made when it is first asked for, and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.conversation import prompt_of, response_of
from thousand.embedding import Embedder, exact
from thousand.errors import RecipeError
from thousand.select.budget import Budget
from thousand.select.classes import Classes


@dataclass(frozen=True)
class Offer:
    """The rows to choose from, as arrays; n of them, in an order that depends on their content alone.

    Attributes:
        budget: what may be taken.
        quality: (n,) 0 to 1, a rank.
        seed: of the draw.
        table: (n,) the candidates.
        classes: their columns and signals.
        embedder: for ``vectors``.
        column: whose values are the ``strata``.
        shown: examples of what is wanted, conversations.
        base: the folder of the model to align.
        name: of the arm, for errors.
    """

    budget: Budget
    quality: NDArray[np.float64]
    seed: int
    table: pa.Table
    classes: Classes
    embedder: Embedder
    column: str
    shown: Sequence[Any]
    base: str | None
    name: str

    def __getitem__(self, name: str) -> Any:
        """What is offered by a name: a property of this class, or else a signal."""
        if isinstance(getattr(type(self), name, None), cached_property) or name in ("budget", "quality", "seed"):
            return getattr(self, name)
        return self.classes.signal(name, f"arms.{self.name}")

    @cached_property
    def count(self) -> int:
        """n."""
        return int(self.table.num_rows)

    @cached_property
    def conversations(self) -> list[Any]:
        """(n,) lists of messages."""
        found: list[Any] = self.table["messages"].to_pylist()
        return found

    @cached_property
    def prompts(self) -> list[str]:
        """(n,) what was asked."""
        return [prompt_of(messages) for messages in self.conversations]

    @cached_property
    def responses(self) -> list[str]:
        """(n,) what was answered."""
        return [response_of(messages) for messages in self.conversations]

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """(n,) characters of the response."""
        return np.array([len(response) for response in self.responses], dtype=np.float64)

    @cached_property
    def groups(self) -> NDArray[np.str_]:
        """(n,) rows that answer one question, by the question."""
        return np.array([group or prompt for group, prompt in zip(self.table["group"].to_pylist(), self.prompts, strict=True)])

    @cached_property
    def strata(self) -> NDArray[np.str_]:
        """(n,) the stratum of each row."""
        return self.classes.strata(self.column, f"arms.{self.name}.strata")

    @cached_property
    def tags(self) -> list[list[str]]:
        """(n,) the tags of each row."""
        found = [each or [] for each in self.table["tags"].to_pylist()]
        if not any(found):
            raise RecipeError(f"arms.{self.name}: no candidate has tags.", "Choose another strategy, or give the sources tags.")
        return found

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """(n, d) unit vectors of the prompts, at fixed point: see `thousand.embedding.exact`."""
        return exact(self._encoder.encode(self.prompts))

    @cached_property
    def targets(self) -> NDArray[np.float32]:
        """(t, d) unit vectors of the prompts of the examples shown."""
        return exact(self._encoder.encode([prompt_of(messages) for messages in self.wanted]))

    @cached_property
    def wanted(self) -> Sequence[Any]:
        """(t,) the examples shown, conversations."""
        if not self.shown:
            raise RecipeError(
                f"arms.{self.name}: the strategy aims at examples and none are shown.", "Name a file of them: `like: wanted.jsonl`."
            )
        return self.shown

    @cached_property
    def base_folder(self) -> str:
        """The folder of the model to align."""
        if self.base is None:
            raise RecipeError(f"arms.{self.name}: the strategy asks the base model and none is given.", "Name it.")
        return self.base

    @cached_property
    def _encoder(self) -> Embedder:
        from thousand.embedding import Tfidf

        return self.embedder.fit(self.prompts) if isinstance(self.embedder, Tfidf) else self.embedder
