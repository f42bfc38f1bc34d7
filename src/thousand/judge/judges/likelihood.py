"""How likely the model that answered finds the prompt's reference: its mean log-probability per token, in nats.

It asks the model and not its answer, so it is the same for every sample of a prompt of one turn. It decides nothing: a model may
expect a good answer and give a bad one (LIMA, appendix B: perplexity rises while the answers improve). Prompts without a reference
are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from thousand.conversation import Message
from thousand.errors import RecipeError
from thousand.judge.kinds import Case, Key, Progress, Rater, Said


def likelihood(models: Mapping[Key, Path] | None, *, form: str = "Question: {prompt} Answer:", name: str = "likelihood") -> Rater:
    """Args:
    models: the folders of the models that answered, by arm and seed.
    form: how a model without a chat template is asked.
    """

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        found: dict[tuple[Key, str], Said] = {}
        asked = [(_who(case), json.dumps([*_before(case), case.reference])) for case in cases]
        for who in dict.fromkeys(who for who, _ in asked):
            if who not in (models or {}):
                raise RecipeError(f"likelihood: the model of {who[0]} is not given.", "It is asked itself: judge(..., models=...).")
            once = {each: case for each, case in zip(asked, cases, strict=True) if each[0] == who}  # samples of a prompt ask the same
            found |= zip(once, _asked(Path((models or {})[who]), list(once.values()), form), strict=True)
            progress(sum(each in found for each in asked))
        return [found[each] for each in asked]

    def leaves(case: Case) -> str | None:
        return None if (case.reference or "").strip() else "no prompt has a reference"

    return Rater(name, ask, ("likelihood",), leaves)


def _who(case: Case) -> Key:
    return case.answers[0].arm, case.answers[0].seed


def _before(case: Case) -> Sequence[Message]:
    """What was said before the last answer, in a dialogue by the model itself."""
    return case.answers[0].turns[:-1] or case.messages


def _asked(folder: Path, cases: Sequence[Case], form: str) -> list[Said]:
    from thousand.model import load, mean_log_likelihood  # heavy: not before it is asked for
    from thousand.model.likelihood import last_answers

    model = load(folder)
    references: list[list[Message]] = [[*_before(case), {"role": "assistant", "content": case.reference or ""}] for case in cases]
    answers = last_answers(model, references, form)
    values = mean_log_likelihood(model, answers)
    return [
        Said(ratings={"likelihood": float(value)}, why=each.why or "the model gives no number", cost=0.0)
        for value, each in zip(values, answers, strict=True)
    ]
