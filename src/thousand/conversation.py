"""One conversation, and the forms in which the world writes it: a row of somebody's file becomes a list of messages."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

Role = Literal["system", "user", "assistant", "tool"]


class Message(TypedDict):
    """One turn."""

    role: Role
    content: str


class MalformedRow(ValueError):
    """A row that is not a conversation.

    Attributes:
        field: the field that is wrong.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


_ROLES: Mapping[str, Role] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}

FORMS: Mapping[str, frozenset[str]] = {
    "messages": frozenset({"messages"}),  # OpenAI: [{role, content}]
    "sharegpt": frozenset({"conversations"}),  # [{from, value}], or LIMA's list of strings
    "alpaca": frozenset({"instruction", "output"}),  # with an optional input and history
    "dolly": frozenset({"instruction", "response"}),  # with an optional context
    "prompt_response": frozenset({"prompt", "response"}),
    "prompt_completion": frozenset({"prompt", "completion"}),
    "question_answer": frozenset({"question", "answer"}),
    "prompt": frozenset({"prompt"}),
    "instruction": frozenset({"instruction"}),
}
"""The forms and the fields by which each is known, most telling first."""


def recognise(row: Mapping[str, Any]) -> str:
    """The name of the form a row has.

    Raises:
        MalformedRow: it has none of the forms.
    """
    for form, fields in FORMS.items():
        if fields <= row.keys():
            return form
    known = "; ".join("+".join(sorted(fields)) for fields in FORMS.values())
    found = ", ".join(sorted(map(str, row)))
    raise MalformedRow("", f"no known form: the fields are {found[:500] or 'none'}, expected one of {known}")


def read(row: Mapping[str, Any], form: str | None = None, *, answered: bool = True) -> list[Message]:
    """The messages of a row.

    Args:
        form: one of `FORMS`; recognised from the fields when not given.
        answered: whether the conversation must end with an answer (a candidate) or with a question (a prompt). A prompt
            that comes with its answer loses it.

    Raises:
        MalformedRow: which field is wrong and why: unknown role, empty turn, not text, wrong order.
    """
    form = form or recognise(row)
    messages = _READERS[form](row)
    if not answered and messages and messages[-1]["role"] == "assistant":
        messages = messages[:-1]
    return check(messages, answered=answered)


def check(messages: list[Message], *, answered: bool = True) -> list[Message]:
    """The same messages, when they are a conversation: turns of text, user and assistant in turn, ended as asked."""
    if not messages:
        raise MalformedRow("messages", "no turns")
    for position, message in enumerate(messages):
        if not message["content"].strip():
            raise MalformedRow(f"messages[{position}].content", f"empty {message['role']} turn")
    spoken = [message["role"] for message in messages if message["role"] != "system"]
    if not spoken or spoken[0] != "user":
        raise MalformedRow("messages", "the first turn is not the user's")
    for first, second in itertools.pairwise(spoken):
        if first == second != "tool":  # an assistant may call several tools, and speaks again after them
            raise MalformedRow("messages", f"two {first} turns in a row")
    last = "assistant" if answered else "user"
    if messages[-1]["role"] != last:
        raise MalformedRow("messages", f"the last turn is not the {last}'s")
    return messages


def content_id(messages: Sequence[Message]) -> str:
    """A name for what is said, whoever said it first and wherever: 16 hexadecimal digits."""
    spoken = "\x1e".join(f"{message['role']}\x1f{message['content']}" for message in messages)
    return hashlib.sha256(spoken.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def prompt_of(messages: Sequence[Message]) -> str:
    """Everything before the last answer, as one text."""
    turns = messages[:-1] if messages[-1]["role"] == "assistant" else messages
    return "\n\n".join(message["content"] for message in turns if message["role"] != "system")


def response_of(messages: Sequence[Message]) -> str:
    """The last answer, or nothing."""
    return messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""


def text(row: Mapping[str, Any], field: str, *, required: bool = True) -> str:
    """The text in a field of a row.

    Raises:
        MalformedRow: it is missing, not text, or text that cannot be written as UTF-8 or holds a NUL character.
    """
    value = row.get(field)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise MalformedRow(field, f"expected text, found {'nothing' if value is None else type(value).__name__}")
    if "\x00" in value:
        raise MalformedRow(field, "text with a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedRow(field, "text with a lone surrogate, which is not valid Unicode") from None
    return value


def turn(row: Mapping[str, Any], role_key: str, content_key: str) -> Message:
    """One turn, whatever its fields are called.

    Raises:
        MalformedRow: the role is unknown, or one of the two is not text.
    """
    role = text(row, role_key)
    if role.lower() not in _ROLES:
        raise MalformedRow(role_key, f"unknown role {role[:100]!r}, expected one of {', '.join(sorted(_ROLES))}")
    return {"role": _ROLES[role.lower()], "content": text(row, content_key)}


def _turn(field: str, row: Mapping[str, Any], role_key: str, content_key: str) -> Message:
    try:
        return turn(row, role_key, content_key)
    except MalformedRow as error:
        raise MalformedRow(f"{field}.{error.field}", str(error)) from None


def _list(row: Mapping[str, Any], field: str) -> list[Any]:
    value = row.get(field)
    if not isinstance(value, list):
        raise MalformedRow(field, f"expected a list of turns, found {'nothing' if value is None else type(value).__name__}")
    return value


def _messages(row: Mapping[str, Any]) -> list[Message]:
    turns = []
    for position, turn in enumerate(_list(row, "messages")):
        field = f"messages[{position}]"
        if not isinstance(turn, Mapping):
            raise MalformedRow(field, f"expected a role and a content, found {type(turn).__name__}")
        turns.append(_turn(field, turn, "role", "content"))
    return turns


def _sharegpt(row: Mapping[str, Any]) -> list[Message]:
    turns: list[Message] = []
    for position, turn in enumerate(_list(row, "conversations")):
        field = f"conversations[{position}]"
        if isinstance(turn, str):  # LIMA's own release: turns without names, the user first
            turns.append({"role": "assistant" if position % 2 else "user", "content": text({field: turn}, field)})
        elif not isinstance(turn, Mapping):
            raise MalformedRow(field, f"expected from and value, found {type(turn).__name__}")
        elif "from" in turn:
            turns.append(_turn(field, turn, "from", "value"))
        else:
            turns.append(_turn(field, turn, "role", "content"))
    return turns


def _alpaca(row: Mapping[str, Any], answer: str = "output", context: str = "input") -> list[Message]:
    turns: list[Message] = []
    for position, pair in enumerate(_list(row, "history") if row.get("history") else []):
        if not isinstance(pair, list) or len(pair) != 2:
            raise MalformedRow(f"history[{position}]", "expected a pair of texts: question and answer")
        exchange = {f"history[{position}][{side}]": each for side, each in enumerate(pair)}
        question, reply = (text(exchange, each) for each in exchange)
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]
    instruction, given = text(row, "instruction"), text(row, context, required=False)
    turns.append({"role": "user", "content": "\n\n".join(part for part in (instruction, given) if part.strip())})
    if answer in row:
        turns.append({"role": "assistant", "content": text(row, answer)})
    return turns


def _pair(question: str, answer: str | None = None) -> Any:
    def reader(row: Mapping[str, Any]) -> list[Message]:
        turns: list[Message] = [{"role": "user", "content": text(row, question)}]
        if answer is not None and answer in row:
            turns.append({"role": "assistant", "content": text(row, answer)})
        return turns

    return reader


_READERS: Mapping[str, Any] = {
    "messages": _messages,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "dolly": lambda row: _alpaca(row, "response", "context"),
    "prompt_response": _pair("prompt", "response"),
    "prompt_completion": _pair("prompt", "completion"),
    "question_answer": _pair("question", "answer"),
    "prompt": _pair("prompt"),
    "instruction": _alpaca,
}
