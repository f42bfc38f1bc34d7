"""Alignment by prompt alone: a base is shown examples before every prompt and goes on in their manner (URIAL, Lin et al. 2023).

A base without a chat template is given one text: the introduction, the examples in the plain form with their answers, and the prompt
in the same form, an empty line between them. Its answer is over where the next question would begin. One with a chat template is
given turns: the introduction as the system's, then the examples as if they had been said.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jinja2

from thousand.conversation import Message
from thousand.errors import RecipeError
from thousand.model import Model
from thousand.model.chat import as_prompt, broken_up
from thousand.recipe import Answer

_BETWEEN = "\n\n"


@dataclass(frozen=True)
class Shown:
    """What stands before a prompt: an introduction and examples, each ended by an answer."""

    introduction: str
    examples: tuple[tuple[Message, ...], ...]

    @classmethod
    def of(cls, introduction: str, examples: Sequence[Sequence[Message]]) -> Shown:
        """Examples in the order in which they are to stand."""
        return cls(introduction, tuple(tuple(_spoken(each)) for each in examples))

    def turns(self, messages: Sequence[Message]) -> list[Message]:
        """All examples and a prompt as turns of one conversation."""
        examples = [message for each in self.examples for message in each]
        return [{"role": "system", "content": self.introduction}, *examples, *_spoken(messages)]

    def prompt(self, model: Model, messages: Sequence[Message], plain: str, room: int) -> tuple[str, int]:
        """What a model is given, and how many of the examples are in it: the first ones, as many as there is room for.

        Where there is room for none, the prompt stands as it would without examples.

        Args:
            room: tokens.

        Raises:
            jinja2.TemplateError: the chat template refuses the prompt.
        """
        write: Callable[[int], str] = lambda count: self._written(model, messages, plain, count)  # noqa: E731

        def beyond(count: int) -> bool:
            return len(model.tokenizer(write(count), add_special_tokens=False)["input_ids"]) > room

        most = len(self.examples)
        count = most if not beyond(most) else bisect.bisect_left(range(1, most + 1), True, key=beyond)
        return write(count), count

    def _written(self, model: Model, messages: Sequence[Message], plain: str, count: int) -> str:
        if not count:
            return as_prompt(model, messages, plain)
        fewer = Shown(self.introduction, self.examples[:count])
        if not model.chats:
            parts = [broken_up(model, self.introduction), *(_plain(model, each, plain) for each in fewer.examples)]
            text = _BETWEEN.join([*filter(None, parts), _plain(model, _spoken(messages), plain)])
            return f"{model.tokenizer.bos_token or ''}{text}"
        system, first, *others = fewer.turns(messages)
        if not self.introduction:
            return as_prompt(model, [first, *others], plain)
        try:
            return as_prompt(model, [system, first, *others], plain)
        except jinja2.TemplateError:  # it has no place for a system's turn
            opening: Message = {"role": first["role"], "content": f"{self.introduction}{_BETWEEN}{first['content']}"}
            return as_prompt(model, [opening, *others], plain)


def stop_of(plain: str) -> str:
    """What a base writes where it would go on with a next question: a new line, and how questions begin in the plain form.

    Raises:
        RecipeError: they begin with nothing.
    """
    head = plain.partition("{prompt}")[0].strip()
    if not head:
        raise RecipeError(
            f"answer.plain: {plain!r} begins with the prompt, and where examples are shown nothing would tell the next one from an answer.",
            'Put a word before it, such as "Question: {prompt} Answer:".',
        )
    return f"\n{head.splitlines()[0]}"


def shown(settings: Answer, examples: Sequence[Sequence[Message]]) -> Shown:
    """Examples behind the introduction of the settings. Raises RecipeError as `stop_of`."""
    stop_of(settings.plain)
    return Shown.of(settings.introduction.strip(), examples)


def _spoken(messages: Sequence[Message]) -> list[Message]:
    """The turns of user and assistant; what a system says stands before the user's next turn, for among examples it has no place."""
    found: list[Message] = []
    said: list[str] = []
    for message in messages:
        if message["role"] == "system":
            said.append(message["content"])
            continue
        found.append({"role": message["role"], "content": _BETWEEN.join([*said, message["content"]])})
        said = []
    return found


def _plain(model: Model, messages: Sequence[Message], plain: str) -> str:
    """Questions and answers one after the other, each question in the plain form."""
    text = ""
    for message in messages:
        said = broken_up(model, message["content"])
        if message["role"] == "assistant":
            text += ("" if plain.endswith("\n") else " ") + said.strip()
        else:
            text += (_BETWEEN if text else "") + plain.rstrip(" ").replace("{prompt}", said)
    return text
