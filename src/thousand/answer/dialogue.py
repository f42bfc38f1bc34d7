"""Prompts of several turns: the user's are given, and each answer becomes a part of what the next is asked with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from thousand.answer.kinds import Ask, Said, Say
from thousand.answer.shown import Shown
from thousand.conversation import Message


class Dialogue:
    """One sample of one prompt, turn by turn.

    Args:
        messages: several of the user's turns in a row are answered one by one.
        seed: decides the answers.
        shown: examples to stand before every turn.

    Attributes:
        spoken: the turns so far. said: the answers so far. turns: how many answers there are to be.
    """

    def __init__(self, messages: Sequence[Message], seed: str, shown: Shown | None = None) -> None:
        self._asked = list(_up_to_each_answer(messages))
        self._seed, self._shown = seed, shown
        self.spoken: list[Message] = []
        self.said: list[Said] = []
        self.turns = len(self._asked)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to ask: every turn is answered, or one could not be."""
        return len(self.said) == self.turns or bool(self.said and (self.said[-1].stop == "error" or self.said[-1].text is None))

    def ask(self) -> Ask:
        """The next turn, with all before it. The first has the seed as it is."""
        turn = len(self.said)
        return Ask([*self.spoken, *self._asked[turn]], f"{self._seed}/{turn}" if turn else self._seed, self._shown)

    def hear(self, said: Said) -> None:
        """The answer to the next turn."""
        self.spoken += self._asked[len(self.said)]
        self.said.append(said)
        if said.text is not None:
            self.spoken.append({"role": "assistant", "content": said.text})


def converse(dialogues: Sequence[Dialogue], say: Say, progress: Callable[[int], None]) -> None:
    """Go through all dialogues, every first turn first.

    Args:
        progress: told how many dialogues are done; one of several turns counts in parts.
    """
    turns = sum(each.turns for each in dialogues)
    while going := [each for each in dialogues if not each.over]:
        before = turns - sum(each.turns - len(each.said) for each in going)

        def show(done: int, before: int = before) -> None:
            progress((before + done) * len(dialogues) // turns)

        for dialogue, said in zip(going, say([each.ask() for each in going], show), strict=True):
            dialogue.hear(said)
    progress(len(dialogues))


def _up_to_each_answer(messages: Sequence[Message]) -> list[list[Message]]:
    """The messages in pieces, each up to a turn of the user's that another follows, or to the end."""
    ends = [i + 1 for i, (first, second) in enumerate(itertools.pairwise(messages)) if first["role"] == second["role"] == "user"]
    return [list(messages[start:end]) for start, end in itertools.pairwise([0, *ends, len(messages)])]
