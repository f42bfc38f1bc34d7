"""Several runs beside one another: one study on several bases, or runs made at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from thousand import statistics as st
from thousand.errors import DataError
from thousand.report import arrays
from thousand.report.summary import Comparison, Record, Summary


class Across(Record):
    """Several runs, compared.

    Attributes:
        runs: name to result, in the order given.
        claims: the claim of an earlier run against that of a later one, by every judge that rated both, on the prompts they share (the
            same id; `thousand report` asks for the same words, too); ``a`` and ``b`` are names of runs. Corrected (Holm) for the number
            of pairs of runs, judge by judge.
        apart: why two runs were not compared, a sentence for each pair.
    """

    runs: dict[str, Summary]
    claims: list[Comparison]
    apart: list[str]


def across(runs: Mapping[str, Summary], verdicts: Mapping[str, pa.Table] | None = None) -> Across:
    """Compare runs.

    Args:
        runs: name to result; the first is what the others are measured by.
        verdicts: name to its verdicts (schema `tables.VERDICTS`), where they are at hand; runs without are shown and not compared.

    Raises:
        DataError: there is no run, or verdicts are of no run that is named.
    """
    verdicts = verdicts or {}
    if not runs:
        raise DataError("There is no run to compare.", "Name at least one.")
    if stray := set(verdicts) - set(runs):
        raise DataError(f"There are verdicts of {', '.join(sorted(stray))}, and no such run.", "Give each run under one name.")
    claims: list[Comparison] = []
    apart: list[str] = []
    for a, b in combinations(runs, 2):
        found = list(_compared(a, b, runs, verdicts)) if a in verdicts and b in verdicts else []
        claims += found
        if not found:
            apart.append(_why(a, b, verdicts))
    return Across(runs=dict(runs), claims=_corrected(claims), apart=apart)


def _compared(a: str, b: str, runs: Mapping[str, Summary], verdicts: Mapping[str, pa.Table]) -> Iterator[Comparison]:
    """By every judge that rated the claims of both overall: the higher rating wins."""
    shared = pc.unique(verdicts[a]["prompt_id"].filter(pc.is_in(verdicts[a]["prompt_id"], pc.unique(verdicts[b]["prompt_id"]))))
    ours, theirs = (_rated(verdicts[name], shared, runs[name].arms[0].name) for name in (a, b))
    for judge in ours:
        if judge in theirs:
            won, lost = arrays.beats(ours[judge], theirs[judge])
            score = won - lost
            wins, interval = st.outcomes(won, lost), st.net_interval(score)
            if wins is not None:
                yield Comparison(
                    a=a,
                    b=b,
                    judge=judge,
                    criterion="overall",
                    kind="rating",
                    win=wins.win,
                    tie=wins.tie,
                    lose=wins.lose,
                    net=wins.net,
                    interval=None if interval is None else (interval.low, interval.high),
                    seeds_resampled=interval is not None and interval.seeds_resampled,
                    p=st.sign_flip_test(st.per_prompt(score)),
                    n=wins.n,
                    unparsed=ours[judge].unparsed + theirs[judge].unparsed,
                    seeds_a=score.shape[0],
                    seeds_b=score.shape[1],
                )


def _rated(verdicts: pa.Table, prompts: pa.Array, claim: str) -> dict[str, arrays.Rated]:
    """Judge to the overall ratings of one arm on some prompts; both runs have these, so that the last axes are the same."""
    rows = verdicts.filter(pc.and_(pc.is_in(verdicts["prompt_id"], prompts), pc.equal(verdicts["a"], claim)))
    rows = rows.filter(pc.and_(pc.is_null(rows["b"]), pc.equal(rows["criterion"], "overall")))
    absent = prompts.filter(pc.invert(pc.is_in(prompts, pc.unique(rows["prompt_id"]))))
    if len(absent):  # ratings of a prompt are missing: keep its place, which is no rating that could not be read
        first = {row["judge"]: row for row in rows.select(["judge", "criterion", "a", "a_seed", "sample"]).to_pylist()}
        blank = [{**row, "prompt_id": prompt} for prompt in absent.to_pylist() for row in first.values()]
        rows = pa.concat_tables([rows, pa.Table.from_pylist(blank, rows.schema)])
    found = {judge: replace(each, unparsed=each.unparsed - len(absent)) for (judge, _, _), each in arrays.rated(rows).items()}
    return {judge: each for judge, each in found.items() if each.read}


def _why(a: str, b: str, verdicts: Mapping[str, pa.Table]) -> str:
    missing = [name for name in (a, b) if name not in verdicts]
    if missing:
        return f"{a} and {b} are not compared: the verdicts of {' and '.join(missing)} are not at hand."
    if not set(verdicts[a]["prompt_id"].to_pylist()) & set(verdicts[b]["prompt_id"].to_pylist()):
        return f"{a} and {b} are not compared: they share no prompt."
    return f"{a} and {b} are not compared: no judge rated the claims of both on a prompt they share."


def _corrected(claims: list[Comparison]) -> list[Comparison]:
    held: dict[tuple[str, str, str], float | None] = {}
    for judge in dict.fromkeys(each.judge for each in claims):
        own = [each for each in claims if each.judge == judge]
        held |= {(judge, each.a, each.b): p for each, p in zip(own, st.holm([each.p for each in own]), strict=True)}
    return [each.model_copy(update={"p_holm": held[each.judge, each.a, each.b]}) for each in claims]
