"""How likely a model finds the prompt's reference, the one that answered or another: its mean log-probability per token, in nats.

It asks the model and not its answer, so it is the same for every sample of a prompt of one turn. It decides nothing: a model may
expect a good answer and give a bad one (LIMA, appendix B: perplexity rises while the answers improve). Prompts without a reference
are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from thousand import tables
from thousand.conversation import Message
from thousand.errors import DataError, RecipeError
from thousand.judge.kinds import Case, Key, Progress, Rater, Said


def likelihood(
    models: Mapping[Key, Path] | None, *, path: str | None = None, form: str = "Question: {prompt} Answer:", name: str = "likelihood"
) -> Rater:
    """Args:
    models: the folders of the models that answered, by arm and seed.
    path: the folder of the model that is asked whoever answered; None asks each model that answered.
    form: how a model without a chat template is asked.
    """
    if path is not None and not (Path(path) / "config.json").is_file():
        raise DataError(f"There is no model at {path}.", "Check the path of the judge `likelihood` in the recipe; nothing is downloaded.")

    def asks(case: Case) -> Path:
        who = case.answers[0].arm, case.answers[0].seed
        if path is None and who not in (models or {}):
            raise RecipeError(
                f"likelihood: the model of {who[0]} is not given.",
                "Name the folder of a model, likelihood: {path: FOLDER}; or from Python those that answered, judge(..., models=...).",
            )
        return Path(path) if path is not None else Path((models or {})[who])

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        found: dict[tuple[Path, str], Said] = {}
        asked = [(asks(case), json.dumps([*_before(case), case.reference])) for case in cases]
        for folder in dict.fromkeys(folder for folder, _ in asked):
            once = {each: case for each, case in zip(asked, cases, strict=True) if each[0] == folder}  # samples of a prompt ask the same
            said = _asked(folder, list(once.values()), form)
            model = _weights(folder)
            found |= {each: replace(one, key=_key(model, form, each[1])) for each, one in zip(once, said, strict=True)}
            progress(sum(each in found for each in asked))
        return [found[each] for each in asked]

    def leaves(case: Case) -> str | None:
        return None if (case.reference or "").strip() else "no prompt has a reference"

    return Rater(name, ask, ("likelihood",), leaves)


def _before(case: Case) -> Sequence[Message]:
    """What was said before the last answer, in a dialogue by the model itself."""
    return case.answers[0].turns[:-1] or case.messages


def _weights(folder: Path) -> str:
    """What the model is, wherever its folder stands."""
    files = sorted(each for ending in ("safetensors", "bin") for each in folder.glob(f"*.{ending}"))
    return " ".join(tables.digest_bytes(each) for each in files)


def _key(*asked: str) -> str:
    return hashlib.sha256(json.dumps(["likelihood", *asked]).encode()).hexdigest()


def _asked(folder: Path, cases: Sequence[Case], form: str) -> list[Said]:
    from thousand.model import load, mean_log_likelihood  # heavy: not before it is asked for
    from thousand.model.likelihood import last_answers

    model = load(folder)
    references: list[list[Message]] = [[*_before(case), {"role": "assistant", "content": case.reference or ""}] for case in cases]
    answers = last_answers(model, references, form)
    values = mean_log_likelihood(model, answers)
    return [
        Said(ratings={"likelihood": float(value)}, why=each.why or "the model gives no number")
        for value, each in zip(values, answers, strict=True)
    ]
