"""Whether an answer is right by what the prompts give: their checks, or where they have none their reference.

A prompt's checks are pairs of a kind and a value, and the answer must pass them all. ``exact``: it is the value. ``contains``: the
value stands in it. ``numeric``: the last number in it is the value. ``regex``: the pattern is found in it, by RE2, whose time grows
with the length of the answer and no faster, whatever pattern and answer are. Case and the width of spaces make no difference but to a
pattern. Prompts with neither checks nor a reference are left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from thousand.errors import DataError
from thousand.judge.kinds import Case, Progress, Rater, Said

Kind = Literal["exact", "contains", "numeric", "regex"]
_NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")


def reference(*, check: Kind = "exact", tolerance: float = 1e-6, name: str = "reference") -> Rater:
    """Args:
    check: how an answer is compared with the reference of a prompt without checks.
    tolerance: of ``numeric``, as a share of the value.
    """

    def checks(case: Case) -> Sequence[Mapping[str, str]]:
        return case.checks or [{"kind": check, "value": case.reference or ""}]

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        said = []
        for done, case in enumerate(cases, 1):
            failed = [each for each in checks(case) if not _passes(case, each, tolerance)]
            value = 0.0 if failed else 1.0
            raw = "; ".join(f"not {each['kind']}: {each['value']}" for each in failed) or "passes"
            said.append(Said(ratings={"overall": value, "correct": value}, raw=raw))
            progress(done)
        return said

    def leaves(case: Case) -> str | None:
        return None if case.checks or (case.reference or "").strip() else "no prompt has a reference or checks"

    return Rater(name, ask, ("overall", "correct"), leaves)


def _passes(case: Case, check: Mapping[str, str], tolerance: float) -> bool:
    answer, value = case.texts[0], check["value"]
    match check["kind"]:
        case "exact":
            return _plain(answer) == _plain(value)
        case "contains":
            return _plain(value) in _plain(answer)
        case "numeric":
            if (wanted := last_number(value)) is None:
                raise _wrong(case, f"{value!r} is no number")
            found = last_number(answer)
            return found is not None and math.isclose(found, wanted, rel_tol=tolerance, abs_tol=1e-12)
        case "regex":
            try:
                found = pc.match_substring_regex(pa.array([answer], pa.string()), value)[0].as_py()
            except pa.ArrowInvalid as error:
                raise _wrong(case, f"RE2 cannot read the pattern {value!r}: {str(error)[:100]}") from None
            return bool(found)
        case kind:
            raise _wrong(case, f"{kind!r} is no kind of check: there are exact, contains, numeric and regex")


def last_number(text: str) -> float | None:
    """The last number of a text: ``1,234.5``, ``-3``, ``2e6``; None where there is none."""
    found = _NUMBER.findall(text)
    return float(found[-1].replace(",", "").replace("\u2212", "-")) if found else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _wrong(case: Case, what: str) -> DataError:
    return DataError(f"The prompt {case.prompt_id!r}: checks: {what}.", "Mend it in the file of prompts.")
