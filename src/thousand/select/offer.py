"""What strategies can ask for, by the names of their parameters: each thing is made when it is first asked for, and once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.conversation import prompt_of, response_of
from thousand.embedding import Embedder, exact, unit
from thousand.errors import RecipeError
from thousand.select.budget import Budget
from thousand.select.classes import Classes

if TYPE_CHECKING:
    from thousand.model import Model


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
        return getattr(self, name) if self.has(name) else self.classes.signal(name, f"arms.{self.name}")

    @classmethod
    def has(cls, name: str) -> bool:
        """Whether a name is offered to every arm; any other is that of a signal."""
        return name in ("budget", "quality", "seed") or isinstance(getattr(cls, name, None), cached_property)

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
    def texts(self) -> list[str]:
        """(n,) what was asked and answered, as one text."""
        return [_text(messages) for messages in self.conversations]

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """(n,) characters of the response."""
        return np.array([len(response) for response in self.responses], dtype=np.float64)

    @cached_property
    def signals(self) -> Mapping[str, NDArray[np.float64]]:
        """(n,) each signal of the ledger by its name, for strategies with an option that names one."""
        return _Signals(self.classes, f"arms.{self.name}")

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """(n,) a number for each question, in the order of the rows: rows that answer one question have one number."""
        numbers: dict[str, int] = {}
        questions = (group or prompt for group, prompt in zip(self.table["group"].to_pylist(), self.prompts, strict=True))
        return np.array([numbers.setdefault(each, len(numbers)) for each in questions], dtype=np.int64)

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
    def target_texts(self) -> list[str]:
        """(t,) the examples shown, each as one text."""
        return [_text(messages) for messages in self.wanted]

    @cached_property
    def states(self) -> NDArray[np.float32]:
        """(n, d) what the base makes of each row: unit vectors at fixed point, see `thousand.model.mean_states`."""
        return self._states(self.conversations)

    @cached_property
    def target_states(self) -> NDArray[np.float32]:
        """(t, d) what the base makes of the examples shown."""
        return self._states(self.wanted)

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

    @cached_property
    def _base(self) -> Model:
        from thousand.model import load

        return load(self.base_folder)

    def _states(self, conversations: Sequence[Any]) -> NDArray[np.float32]:
        from thousand.model import mean_states

        return exact(unit(mean_states(self._base, conversations)))


class _Signals(dict[str, NDArray[np.float64]]):
    """The signals, each read from the ledger when it is first asked for."""

    def __init__(self, classes: Classes, where: str) -> None:
        super().__init__()
        self._classes, self._where = classes, where

    def __missing__(self, name: str) -> NDArray[np.float64]:
        return self.setdefault(name, self._classes.signal(name, self._where))


def _text(messages: Sequence[Any]) -> str:
    return f"{prompt_of(messages)}\n\n{response_of(messages)}"
