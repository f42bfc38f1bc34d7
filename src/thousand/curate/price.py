"""What the signals that ask a paid model will cost, from the few of their questions that are asked to find out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thousand import tables
from thousand.curate.signals.rating import question, rater
from thousand.curate.texts import COLUMNS, Texts
from thousand.recipe import Curate

_PAID = "rating"


@dataclass(frozen=True)
class Price:
    """What asking about these candidates costs.

    Attributes:
        money: by currency.
        remarks: what could not be told, and why.
    """

    money: Mapping[str, float]
    remarks: list[str]


def price(table: Path, paid: Path, settings: Curate) -> Price:
    """Ask a few of the questions about the candidates of a table, whose answers are kept, and say what all of them cost.

    Args:
        table: a sample of the candidates, cleaned.
        paid: the folder in which answers are kept.
    """
    money: dict[str, float] = {}
    remarks: list[str] = []
    for choice in settings.signals:
        if choice.name != _PAID:
            continue
        texts = Texts.of(tables.read(table, COLUMNS))
        options = dict(choice.options)
        of = options.pop("of", "accuracy")
        known = inspect.signature(rater).parameters
        endpoint = rater(paid, **{name: value for name, value in options.items() if name in known})
        asked = endpoint.preview([question(p, r, of) for p, r in zip(texts.prompts, texts.responses, strict=True)])
        if asked.error is not None:
            remarks.append(f"The price of rating is not known: {asked.error}")
        elif asked.cost is None:
            remarks.append("The price of rating is not known: the recipe names no prices.")
        elif asked.answered == asked.questions:
            remarks.append("The price of rating is not known: the whole sample was answered before.")
        else:
            currency = options.get("currency", "USD")
            money[currency] = money.get(currency, 0.0) + asked.cost * asked.questions / (asked.questions - asked.answered)
    return Price(money, remarks)
