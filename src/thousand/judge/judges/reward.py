"""A reward model in a local folder: the number that a sequence classifier with one output gives to prompt and answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from thousand.conversation import Message
from thousand.errors import DataError
from thousand.judge.kinds import Case, Progress, Rater, Said


def reward(*, path: str, name: str = "reward", tokens: int | None = None) -> Rater:
    """Args:
    path: a folder with config.json, weights and tokenizer, as `save_pretrained` writes them.
    tokens: most at once, padding included; None takes what suits the device.
    """
    folder = Path(path)
    if not (folder / "config.json").is_file():
        raise DataError(
            f"There is no reward model at {folder}.", "Check the path of the judge `reward` in the recipe; nothing is downloaded."
        )

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        from thousand.model.rewarding import load_reward_model, rewards  # heavy: not before it is asked for

        if not cases:
            return []
        found = rewards(load_reward_model(folder), [_said(case) for case in cases], tokens=tokens, finished=progress)
        return [Said(ratings={"overall": each.value}, why=each.why) for each in found]

    return Rater(name, ask)


def _said(case: Case) -> list[Message]:
    """The whole dialogue with the answer at its end."""
    answer = case.answers[0]
    return list(answer.turns) or [*case.messages, {"role": "assistant", "content": answer.text or ""}]
