"""How a model is told to judge: a folder with the template of the question, ``prompt.txt``, and ``judge.yaml``, how it is asked and read.

A template holds ``{prompt}``; ``{answer}``, or for a comparison ``{first}`` and ``{second}``; if it likes ``{reference}``; and
``{code}``, with which it tells the model that whatever stands between the lines with this code is judged and not obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from thousand.conversation import Message
from thousand.endpoint import enclosures
from thousand.errors import RecipeError
from thousand.judge.kinds import Answered, Case
from thousand.judge.verdict import bare, read_verdict
from thousand.recipe import Part

SHIPPED = Path(__file__).parent / "folders"
_PLACES = re.compile(r"\{(prompt|answer|first|second|reference|code)\}")
_NAMES = {"prompt": "prompt", "answer": "answer", "first": "first answer", "second": "second answer", "reference": "reference answer"}


def _labels(value: Any) -> Any:
    """YAML reads 1 as a number, and no as false: a label is the text that was written."""
    if not isinstance(value, dict):
        return value
    if wrong := next((label for label in value if isinstance(label, bool) or not isinstance(label, str | int)), None):
        raise ValueError(f"the label {wrong!r} is not a text: put it in quotes")
    labels = {str(label): each for label, each in value.items()}
    read: dict[str, str] = {}
    for label in labels:
        if not bare(label):
            raise ValueError(f"nothing of the label {label!r} is read: take letters or digits")
        if (other := read.setdefault(bare(label), label)) != label:
            raise ValueError(f"the labels {other!r} and {label!r} are read alike: neither case nor what stands around a label counts")
    return labels


class Reading(Part):
    """What ``judge.yaml`` says.

    Attributes:
        scale: what each label means: ``first``, ``second`` or ``tie`` of a comparison, else a number.
        line: of the model's reply that holds the label and nothing else.
        criteria: of the ratings; with more than one, each has a line of its own, its name and a colon before the label.
        tags: only prompts with one of these are judged; all where none is given.
        settings: sent to the server with every question.
        model: that is asked, by its name on the server, unless the recipe names another.
    """

    scale: Annotated[dict[str, Literal["first", "second", "tie"] | float], BeforeValidator(_labels), Field(min_length=2)]
    line: Literal["first", "last"] = "last"
    criteria: Annotated[tuple[str, ...], Field(min_length=1)] = ("overall",)
    tags: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)
    model: str | None = None


@dataclass(frozen=True)
class Instructions:
    """A judge's folder, read."""

    name: str
    template: str
    reading: Reading

    @cached_property
    def compares(self) -> bool:
        """Whether it is shown two answers."""
        return isinstance(next(iter(self.reading.scale.values())), str)

    def leaves(self, case: Case) -> str | None:
        """Why a case is not for this judge."""
        wanted = self.reading.tags
        if wanted and not set(wanted) & set(case.tags):
            return f"no prompt has the tag {' or '.join(wanted)}"
        if "{reference}" in self.template and not (case.reference or "").strip():
            return "no prompt has a reference"
        return None

    def question(self, case: Case) -> list[Message]:
        """What the model is asked: one turn of the user, since some models know no system turn."""
        texts = {"prompt": _dialogue(case.messages)} | dict(zip(self._shown, map(_shown, case.answers), strict=True))
        if "{reference}" in self.template:
            texts["reference"] = case.reference or ""
        enclosed, code = enclosures({_NAMES[place]: text for place, text in texts.items()})
        filled = {place: enclosed[_NAMES[place]] for place in texts} | {"code": code}
        return [{"role": "user", "content": _PLACES.sub(lambda match: filled[match[1]], self.template)}]

    def read(self, said: str, *, cut: bool = False) -> Mapping[str, Any]:
        """By criterion the value of what the model said; None where it cannot be read.

        Args:
            cut: it was cut off before its end.
        """
        several = len(self.reading.criteria) > 1
        return {
            criterion: read_verdict(said, self.reading.scale, line=self.reading.line, after=criterion if several else "", cut=cut)
            for criterion in self.reading.criteria
        }

    @property
    def _shown(self) -> Sequence[str]:
        return ("first", "second") if self.compares else ("answer",)


def read_instructions(judge: str) -> Instructions:
    """A judge of ours by its name, or anybody's by the path of its folder.

    Raises:
        RecipeError: there is none, or it cannot be used; with file and field.
    """
    ours = sorted(each.name for each in SHIPPED.iterdir() if each.is_dir())
    folder = SHIPPED / judge if judge in ours else Path(judge)
    texts = {}
    for name in ("prompt.txt", "judge.yaml"):
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(
                f"judge: {judge}: {folder / name} cannot be read: {getattr(error, 'strerror', None) or error}.",
                f"Give a folder with prompt.txt and judge.yaml, or one of ours: {', '.join(ours)}.",
            ) from None
    instructions = Instructions(folder.name, texts["prompt.txt"].strip(), _reading(texts["judge.yaml"], folder / "judge.yaml"))
    _check(instructions, folder)
    return instructions


def _reading(text: str, path: Path) -> Reading:
    try:
        return Reading.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise RecipeError(f"{path}: {'.'.join(str(each) for each in first['loc'])}: {first['msg']}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RecipeError(f"{path}: not YAML: {str(error)[:200]}.") from None


def _check(instructions: Instructions, folder: Path) -> None:
    scale, criteria = instructions.reading.scale, instructions.reading.criteria
    if len({isinstance(value, str) for value in scale.values()}) > 1:
        raise RecipeError(
            f"{folder / 'judge.yaml'}: scale: some labels compare and some rate.", "All are first, second or tie, or all are numbers."
        )
    if instructions.compares and (criteria != ("overall",) or not {"first", "second"} <= set(scale.values())):
        raise RecipeError(f"{folder / 'judge.yaml'}: a comparison has labels for first and second, and one criterion, overall.")
    wanted = {"prompt", "code", *instructions._shown}
    found = set(_PLACES.findall(instructions.template))
    if missing := sorted(wanted - found):
        why = " It says what the lines around the texts mean, so that no answer can give the judge orders." if "code" in missing else ""
        raise RecipeError(f"{folder / 'prompt.txt'}: {{{missing[0]}}} is missing.", f"The template must hold it.{why}")
    if odd := sorted(found - wanted - {"reference"}):
        raise RecipeError(f"{folder / 'prompt.txt'}: {{{odd[0]}}} has nothing to stand for, by the scale of judge.yaml.")


def _shown(answer: Answered) -> str:
    return _dialogue(answer.turns) if answer.turns else answer.text or ""


def _dialogue(messages: Sequence[Message]) -> str:
    """One turn as it is; several with who speaks, and what is said indented: no line of it can begin another turn."""
    if len(messages) == 1:
        return messages[0]["content"]
    return "\n\n".join(f"{each['role'].capitalize()}:\n{_indented(each['content'])}" for each in messages)


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))
