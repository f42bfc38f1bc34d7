"""How candidates become a ledger: cleaning, rules, signals, copies, contamination."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from thousand.recipe.part import Choice, Part


class Band(Part):
    """The values a signal may have: from ``least`` to ``most``, both included; an open end is None.

    Attributes:
        only: the sources the rule is for, by form ("stackexchange"), file ("pool.jsonl") or both; all when there is none.
    """

    least: float | None = None
    most: float | None = None
    only: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return {"least": value[0], "most": value[1]}
        return value

    @model_validator(mode="after")
    def _holds_something(self) -> Band:
        if self.least is not None and self.most is not None and not self.least <= self.most:
            raise ValueError(f"no value lies between {self.least:g} and {self.most:g}")
        return self


class Clean(Part):
    """How texts are made readable before anything is measured. What a row said before is kept beside it.

    Attributes:
        normalise: mend broken encodings, Unicode and white space.
        mask: private matter to put placeholders for, by the names of `thousand.curate.private`.
    """

    normalise: bool = True
    mask: list[str] = []


class Duplicates(Part):
    """Which candidates are copies of each other. Of several the best is kept.

    Attributes:
        kind: ``exact``: equal but for case, spacing and punctuation; ``near``: similar word trigrams; ``semantic``: similar
            vectors.
        over: what is compared: the prompt, the response, or both as one text.
        threshold: the Jaccard similarity (near) or cosine (semantic) from which two are copies.
        model: a folder with a sentence-transformers model, for ``semantic``; None takes TF-IDF.
    """

    kind: Literal["exact", "near", "semantic"]
    over: Literal["both", "prompt", "response"] = "both"
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None
    model: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if isinstance(value, dict) and len(value) == 1 and "kind" not in value:
            kind, rest = next(iter(value.items()))
            return {"kind": kind, **(rest if isinstance(rest, dict) else {"threshold": rest})}
        return value

    @property
    def reason(self) -> str:
        """What the ledger calls a row that is dropped as such a copy."""
        return f"{self.kind}_copy" if self.over == "both" else f"{self.kind}_copy_of_{self.over}"

    @property
    def least(self) -> float:
        """The threshold, or the kind's own."""
        return self.threshold or {"exact": 1.0, "near": 0.8, "semantic": 0.95}[self.kind]


class Contamination(Part):
    """When a candidate counts as one of the held-out prompts.

    Attributes:
        run: the words in a row that it may not share with one; LIMA's family uses 8 and 13. None does not look.
        similarity: the cosine between its prompt and one above which it is the same; None does not look. The default is for
            weighed words: of 52,002 Alpaca prompts against 950 held-out ones, all ten above it were copies or near copies.
    """

    run: Annotated[int, Field(ge=3)] | None = 8
    similarity: Annotated[float, Field(gt=0, le=1)] | None = 0.75

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"run": value, "similarity": None} if isinstance(value, int) else value


class Curate(Part):
    """How candidates become a ledger.

    Attributes:
        clean: what is done to the texts first.
        preset: the rules to start from, by name; see `thousand.curate.presets`.
        rules: bands over signals that change or add to the preset; None switches a rule off.
        signals: further signals to compute and keep, each with its options. A signal with a rule need not be named.
        best_answer: of several answers to one question only the best may go on.
        duplicates: the kinds of copies that are dropped, in this order.
        contamination: which candidates are too near to a held-out prompt; a number is the longest run of shared words. None
            does not check.
    """

    clean: Clean = Clean()
    preset: str = "general"
    rules: dict[str, Band | None] = {}
    signals: list[Choice] = []
    best_answer: bool = True
    duplicates: list[Duplicates] = [Duplicates(kind="near")]
    contamination: Contamination | None = Contamination()
