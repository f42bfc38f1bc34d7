"""Rows whose gradients point where those of the examples shown do (LESS, Xia et al. 2024).

An adapter is trained on a small random share of the rows. At each of its checkpoints the step that Adam would take for a row is
compared with the gradient of each example shown: see `thousand.select.gradients.influence`. Unlike likeness of words this can find rows
that teach the same behaviour about something else. What differs from the authors' code: adapters stand beside every linear layer, not
attention's alone, since their names differ from family to family; and gradients are not projected unless ``dimensions`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from thousand.conversation import Message
from thousand.errors import DataError, RecipeError
from thousand.select.budget import Budget
from thousand.select.picks import Picks

if TYPE_CHECKING:
    from thousand.model import Example, Model


def less(
    conversations: Sequence[Sequence[Message]],
    wanted: Sequence[Sequence[Message]],
    base_folder: str,
    budget: int | Budget,
    seed: int,
    *,
    kinds: list[str] | None = None,
    share: float = 0.05,
    epochs: int = 4,
    batch: int = 32,
    learning_rate: float = 2e-5,
    rank: int = 128,
    alpha: float = 512.0,
    dimensions: int | None = None,
    longest: int = 2048,
) -> Picks:
    """Rows by falling influence, which is the gain; rows that do not fit into the base come last.

    Cost: for each checkpoint a forward and a backward pass over all tokens, with n p d multiplications more where p weights are projected
    to d dimensions. Memory: a gigabyte, or some eight gradients if that is more, and one for each kind.

    Args:
        conversations: (n,) the rows to choose from.
        wanted: (t,) the examples shown.
        base_folder: of the model to align.
        kinds: (t,) the kind of each example; a row counts for the kind that it helps most. None: all are of one.
        share: of the rows that the adapter is trained on.
        epochs, batch, learning_rate: of that training. There is a checkpoint for each epoch.
        rank, alpha: of the adapter. A narrow one is quicker, by four times at a rank of 8 and a base of 1.6 million weights, and
            tells rows apart less well.
        dimensions: to which gradients are projected; the authors have 8,192. None takes them as they are, which is exact and quicker. They
            project because they keep the gradients of all rows; here each is used when it is made.
        longest: tokens of a conversation that are read.

    Raises:
        RecipeError: not as many kinds as examples, or no peft.
        DataError: no example shown fits into the base.
    """
    budget = Budget.of(budget, len(conversations))
    if kinds is not None and len(kinds) != len(wanted):
        raise RecipeError(f"kinds: there are {len(kinds)} and {len(wanted)} examples are shown.", "Give the kind of each, in order.")
    if budget.full:
        return Picks.of(budget)

    from thousand.model import load, prepare
    from thousand.model.lora import Adapter
    from thousand.select.gradients import Projection, influence

    model = load(base_folder)
    prepare(model)
    (rows, examples), (shown, aims) = (_encoded(model, each, min(longest, model.context)) for each in (conversations, wanted))
    if not aims:
        raise DataError("None of the examples shown fits into the base.", "Raise the option `longest`, or show shorter ones.")
    worth = np.full(len(conversations), np.nan)
    if examples:
        of_kind = np.unique([kinds[at] if kinds else "" for at in shown], return_inverse=True)[1]
        adapter = Adapter(model, rank=rank, alpha=alpha, seed=seed)
        warm = np.random.default_rng(seed).permutation(len(examples))[: max(1, round(share * len(examples)))]
        checkpoints = adapter.train([examples[at] for at in warm], epochs=epochs, batch=batch, rate=learning_rate)
        projection = Projection(adapter.size, dimensions, seed) if dimensions is not None and dimensions < adapter.size else None
        # six digits: the rest is the rounding of the machine, which must not decide between equal rows
        worth[rows] = np.round(influence(adapter, checkpoints, examples, aims, of_kind, projection), 6)
    budget.walk(np.argsort(-worth, kind="stable"))
    return Picks.of(budget, worth)


def _encoded(model: Model, conversations: Sequence[Sequence[Message]], longest: int) -> tuple[list[int], list[Example]]:
    """The conversations that fit, by their positions, as they would be trained on."""
    from thousand.model.chat import encode

    each = [encode(model, [row], loss_on="responses", max_tokens=longest, too_long="cut").examples for row in conversations]
    return [at for at, one in enumerate(each) if one], [one[0] for one in each if one]
