"""A conversation with a model in the terminal, or with a script: what it says is shown as it says it."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TextIO

import jinja2

from thousand.conversation import Message
from thousand.errors import DataError, RecipeError
from thousand.model import Model, generate, load
from thousand.model.chat import as_prompt
from thousand.model.speech import Speech
from thousand.recipe import Answer

HELP = """/system TEXT       what the model is told before all else; without a text it is told nothing
/reset             forget what was said; the system text stays
/save FILE.jsonl   add the conversation to a file, as a row that can be gathered
/help              this
/quit              leave; so do Ctrl-D and Ctrl-C, which while the model speaks only silences it"""


@dataclass(frozen=True)
class Turn:
    """One question and its answer.

    Attributes:
        turn: its number, from 1.
        stop: how the answer ended.
        left_out: messages at the start of the conversation that the model was not shown, for want of room.
        cut: whether the question alone was too long, and lost its start.
    """

    turn: int
    question: str
    answer: str
    stop: Literal["end_of_turn", "limit", "interrupted"]
    tokens: int
    seconds: float
    left_out: int
    cut: bool


def talk(
    model: str | Path | Model,
    settings: Answer,
    *,
    seed: int = 0,
    lines: Iterable[str] | None = None,
    out: TextIO | None = None,
    notices: TextIO | None = None,
    as_json: bool = False,
) -> None:
    """Talk with a model until there is nothing more to say.

    The same lines with the same seed are the same conversation: turn n is what `generate` answers with the seed ``SEED/n``.

    Args:
        model: a folder, or a model already loaded. A base without a chat template is asked in the plain form of the settings.
        settings: how answers are sampled; ``max_tokens`` is at most half of the model's context here. ``samples`` and ``batch``
            have no meaning.
        lines: one for each turn; None asks the person at the terminal.
        out, notices: where answers go, and what is said about them; standard output and standard error.
        as_json: one object for each turn (`Turn`) instead of its text.

    Raises:
        DataError: a scripted line cannot be done. A person at the terminal is told, and goes on.
        KeyboardInterrupt: a script was interrupted. A person leaves with it, or silences the model.
    """
    if settings.backend.name != "transformers" or settings.too_long == "error":
        raise RecipeError("A chat runs the model here, and forgets what is too long.", "Leave backend and too_long out.")
    loaded = model if isinstance(model, Model) else load(model)
    talking = _Talk(loaded, settings, seed, out or sys.stdout, notices or sys.stderr, as_json, person=lines is None)
    talking.introduce()
    with contextlib.suppress(KeyboardInterrupt) if lines is None else contextlib.nullcontext():
        for line in _typed() if lines is None else _piped(lines):
            if not talking.take(line):
                break


def _typed() -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # gives `input` a history and the arrow keys
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            yield input("> ")
    print()


def _piped(lines: Iterable[str]) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise DataError(f"The input is not UTF-8 text: {error}.") from None


class _Talk:
    """A conversation and where it is shown."""

    def __init__(self, model: Model, settings: Answer, seed: int, out: TextIO, notices: TextIO, as_json: bool, person: bool) -> None:
        self.model, self.settings, self.seed, self.as_json, self.person = model, settings, seed, as_json, person
        self.out, self.notices = out, notices
        self.most = min(settings.max_tokens, model.context // 2)
        self.system: list[Message] = []
        self.said: list[Message] = []
        self.left_out = 0

    def introduce(self) -> None:
        """What whoever talks must know of the model."""
        if not self.model.chats:
            self.note(f"The model has no chat template: it is asked in the plain form {self.settings.plain!r}.")
        if self.most < self.settings.max_tokens:
            self.note(f"An answer has at most {self.most:,} tokens here: half of the context of {self.model.context:,}.")
        if self.person:
            self.note("/help lists the commands.")

    def take(self, line: str) -> bool:
        """Do what a line says, and whether to go on."""
        try:
            if line.startswith("/"):
                return self.command(*line.rstrip().partition(" ")[::2])
            if line.strip():
                self.ask(line.strip())
        except DataError as error:
            if not self.person:
                raise
            self.note(str(error))
        return True

    def command(self, name: str, rest: str) -> bool:
        """Do what is not meant for the model, and whether to go on."""
        if name == "/system":
            self.system = [{"role": "system", "content": rest.strip()}] if rest.strip() else []
        elif name == "/reset":
            self.said, self.left_out = [], 0
        elif name == "/save":
            self.save(rest.strip())
        elif name == "/help":
            self.note(HELP)
        elif name != "/quit":
            raise DataError(f"There is no command {name}.", "/help lists them. What begins with a slash for the model needs a space first.")
        return name != "/quit"

    def ask(self, question: str) -> None:
        """Have the model answer, show it and remember both."""
        self.said.append({"role": "user", "content": question})
        try:
            left_out = self.make_room()
            prompt = as_prompt(self.model, [*self.system, *self.said[left_out:]], self.settings.plain)
        except jinja2.TemplateError as error:
            self.said.pop()
            raise DataError(
                f"The model's chat template refuses this: {error}.", "Some know no system text: /system takes it back."
            ) from None
        turn = self.answer(question, prompt, left_out)
        if turn.stop == "interrupted" and not turn.answer:
            self.said.pop()
        else:
            self.said.append({"role": "assistant", "content": turn.answer})
        self.out.write(json.dumps(asdict(turn)) + "\n" if self.as_json else "\n\n")
        self.out.flush()
        if turn.stop == "limit":
            self.note(f"The answer reached the limit of {self.most:,} tokens; the model had not ended it.")
        elif turn.stop == "interrupted":
            self.note("Interrupted. What was said so far is remembered.")
        if turn.cut:
            self.note("The question alone is longer than the context has room for: the model was not shown its start.")
        elif left_out > self.left_out:
            self.note(f"The conversation is longer than the context has room for: the model was not shown its first {left_out} messages.")
        self.left_out = left_out

    def answer(self, question: str, prompt: str, left_out: int) -> Turn:
        """What the model says, shown as it says it."""
        number = sum(each["role"] == "user" for each in self.said)
        speech = Speech(self.model, self.show)
        started = time.monotonic()
        try:
            [found] = generate(
                self.model,
                [prompt],
                max_tokens=self.most,
                seeds=[f"{self.seed}/{number}"],
                temperature=self.settings.temperature,
                top_p=self.settings.top_p,
                repetition_penalty=self.settings.repetition_penalty,
                streamer=speech,
            )
        except KeyboardInterrupt:
            if not self.person:
                raise
            return Turn(number, question, speech.said, "interrupted", speech.tokens, time.monotonic() - started, left_out, False)
        if found.stop == "error":
            self.said.pop()
            raise DataError(f"There is no answer: {found.error}.", "Ask for less, or set max_tokens lower.")
        speech.finish(found.text)
        return Turn(number, question, found.text, found.stop, found.tokens, time.monotonic() - started, left_out, found.cut)

    def make_room(self) -> int:
        """How many of the oldest messages must be left out so that the rest and an answer fit; never the last question."""
        questions = [i for i, message in enumerate(self.said) if message["role"] == "user"]
        for first in questions:
            prompt = as_prompt(self.model, [*self.system, *self.said[first:]], self.settings.plain)
            if len(self.model.tokenizer(prompt, add_special_tokens=False)["input_ids"]) <= self.model.context - self.most:
                return first
        return questions[-1]

    def save(self, name: str) -> None:
        """Add the conversation to a file of JSON Lines."""
        if not name or not self.said:
            raise DataError("There is nothing to save yet." if name else "Save to which file?", "/save FILE.jsonl, after a first answer.")
        row = {"messages": [*self.system, *self.said], "model": str(self.model.folder)}
        try:
            path = Path(name).expanduser()
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        except (OSError, RuntimeError, ValueError) as error:  # no such user's home, a name that is none
            raise DataError(f"{name} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
        self.note(f"{len(self.said)} messages were added to {path}.")

    def show(self, text: str) -> None:
        """Write a piece of an answer."""
        if not self.as_json:
            self.out.write(visible(text))
            self.out.flush()

    def note(self, text: str) -> None:
        """Say something about the conversation, beside it."""
        self.notices.write(visible(text) + "\n")
        self.notices.flush()


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """A text that a terminal can be given: what it would obey, or would write backwards for, is shown as an escape."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
