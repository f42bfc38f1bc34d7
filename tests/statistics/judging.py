"""Readers of published judgements, as the arrays that the statistics take."""

from __future__ import annotations

import csv
import functools
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from thousand.statistics import by_prompt, outcomes

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "data" / "judging"

_STRENGTH = {"a-is-better": 1.0, "a-is-slightly-better": 1.0, "tie": 0.0, "b-is-slightly-better": -1.0, "b-is-better": -1.0}
_PANDA = {"1": 1.0, "2": -1.0, "0": 0.0, "Tie": 0.0}


def rows(name):
    """The rows of a file of judgements; the test is skipped where the shared data is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no {name} in {FOLDER}")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@functools.cache
def alpaca_eval():
    """By (judge, model): (instructions,) scores of the model against the baseline, its lengths and the baseline's in characters."""
    records = rows("alpaca_eval_annotations.jsonl.gz")
    places = {name: at for at, name in enumerate(sorted({each["instruction"] for each in records}))}
    columns = defaultdict(lambda: np.full((3, len(places)), np.nan))
    for each in records:
        preference = 1.5 if each["preference"] == 0 else each["preference"]
        read = preference is not None and 1 <= preference <= 2
        cell = (2 * preference - 3 if read else np.nan, each["chars_model"], each["chars_baseline"])
        columns[each["judge"], each["model"]][:, places[each["instruction"]]] = cell
    return dict(columns)


def shares(score):
    """Plain verdicts as the outcomes that they are: +1 where a won, 0 for a tie, -1 where b won, NaN where there is none."""
    missing = np.isnan(score)
    return outcomes(*(np.where(missing, np.nan, which) for which in (score > 0, score < 0)))


def leaderboard():
    """The rows that AlpacaEval published."""
    path = FOLDER / "alpaca_eval_leaderboard.csv"
    if not path.exists():
        pytest.skip(f"no {path.name} in {FOLDER}")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def tulu(model, other):
    """(annotators in the order in which they came, prompts) in the model's view; an annotator's last record of an item counts."""
    last = {}
    for each in rows("tulu_human.jsonl.gz"):
        if {each["model_a"], each["model_b"]} == {model, other}:
            score = _STRENGTH[each["preference"]]
            last[each["instance_id"], each["evaluator"]] = score if each["model_a"] == model else -score
    return by_prompt([item for item, _ in last], np.array(list(last.values())))[0]


def panda():
    """By annotator: (pairs of one question at most, questions), and how many verdicts of the model could not be read."""
    records = rows("pandalm.jsonl.gz")
    names = ("annotator1", "annotator2", "annotator3", "gpt35")
    columns = [np.array([_PANDA.get(str(each[name]), np.nan) for each in records]) for name in names]
    question = [(each["instruction"], each["input"]) for each in records]
    return dict(zip(names, by_prompt(question, *columns), strict=True)), int(np.isnan(columns[3]).sum())
