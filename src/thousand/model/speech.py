"""What a model says, as text, while it says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thousand.model.chat import stop_tokens
from thousand.model.load import Model


class Speech:
    """Turns tokens, as they are chosen, into text that will stay: a streamer of transformers' kind.

    Spaces and unfinished characters at the end are held back until it is known what they become.
    """

    def __init__(self, model: Model, show: Callable[[str], None]) -> None:
        self.said = ""
        self._tokenizer, self._stops, self._show = model.tokenizer, set(stop_tokens(model)), show
        self._ids: list[int] | None = None

    @property
    def tokens(self) -> int:
        """Said so far."""
        return len(self._ids or [])

    def put(self, tokens: Any) -> None:
        """First come the tokens of the prompt, then one after another what is said."""
        if self._ids is None:
            self._ids = []
            return
        self._ids += [each for each in tokens.flatten().tolist() if each not in self._stops]
        text = self._tokenizer.decode(self._ids, skip_special_tokens=True).strip().rstrip("\ufffd").rstrip()
        if text.startswith(self.said):
            self._go_on(text)

    def end(self) -> None:
        """Nothing more comes; what is left to say, `finish` knows."""

    def finish(self, text: str) -> None:
        """Say the rest of the whole, or the whole anew where a later token changed what was said."""
        if not text.startswith(self.said):
            self._show("\n")
            self.said = ""
        self._go_on(text)

    def _go_on(self, text: str) -> None:
        self._show(text[len(self.said) :])
        self.said = text
