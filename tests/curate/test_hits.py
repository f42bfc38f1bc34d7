"""The table of hits: which candidate, which held-out prompt, and what they share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.curate.test_curate import candidates
from thousand import tables
from thousand.curate.hits import SCHEMA, hits
from thousand.curate.signals.contamination import contamination
from thousand.curate.signals.resembles_prompt import resembles_prompt
from thousand.curate.texts import COLUMNS, Texts
from thousand.recipe import Choice, Contamination

PROMPTS = [
    "Why do swallows fly low before it rains in the valley?",
    "Name a river.",
    "Tell me why swallows fly low before it rains in the valley and what that says of the air.",
]
ROWS = [
    ("Which stones are warm?", "Dark ones are."),
    ("I ask: why do swallows fly low before it rains in the valley?", "Their food does."),
    ("Before it rains in the valley, why do swallows fly low?", "Their food does."),
    ("Name a river", "The Oder."),
    (
        "Say something long.",
        "They wondered why swallows fly low before it rains in the valley and what that says of the air, and fell asleep.",
    ),
]
CHOICES = [Choice(name="contamination", options={"run": 8}), Choice(name="resembles_prompt")]


def found(tmp_path, settings, rows=ROWS, prompts=PROMPTS, choices=CHOICES):
    pool = candidates(tmp_path / "pool", *rows, parts=2)
    texts = Texts.of(tables.read(pool, COLUMNS))
    for choice in choices:
        function = {"contamination": contamination, "resembles_prompt": resembles_prompt}[choice.name]
        values = np.asarray(function(texts, prompts, **choice.options))
        tables.write(tmp_path / "signals" / choice.name / "part-00000.parquet", pa.table({choice.name: values}))
    return hits(pool, tmp_path / "signals", prompts, settings, choices)


def test_every_candidate_stands_beside_every_prompt_it_comes_too_near_to(tmp_path):
    table = found(tmp_path, Contamination())
    assert table.schema.equals(SCHEMA)
    assert [(hit["id"], hit["prompt"], hit["kind"]) for hit in table.to_pylist()] == [
        ("id001", 1, "words"),
        ("id001", 3, "words"),
        ("id002", 1, "meaning"),
        ("id003", 2, "words"),
        ("id003", 2, "meaning"),
        ("id004", 1, "words"),
        ("id004", 3, "words"),
    ]


def test_a_hit_shows_what_is_shared(tmp_path):
    table = found(tmp_path, Contamination()).to_pylist()
    assert table[0] == {
        "id": "id001",
        "source": "chat:p",
        "origin": "p:1",
        "prompt": 1,
        "kind": "words",
        "value": 11,
        "shared": "why do swallows fly low before it rains in the valley",
        "asked": None,
        "held_out": PROMPTS[0],
    }
    assert table[2] | {"value": 1} == {
        "id": "id002",
        "source": "chat:p",
        "origin": "p:2",
        "prompt": 1,
        "kind": "meaning",
        "value": 1,
        "shared": None,
        "asked": ROWS[2][0],
        "held_out": PROMPTS[0],
    }
    assert table[2]["value"] == pytest.approx(1)
    assert table[3]["shared"] == "name a river"


def test_what_is_not_looked_for_is_not_found(tmp_path):
    assert set(found(tmp_path, Contamination(run=None))["kind"].to_pylist()) == {"meaning"}
    assert set(found(tmp_path, Contamination(similarity=None))["kind"].to_pylist()) == {"words"}
    assert found(tmp_path, None).num_rows == 0
    assert found(tmp_path, Contamination(), prompts=[]).num_rows == 0
    assert found(tmp_path, Contamination(), rows=ROWS[:1]).schema.equals(SCHEMA)


def test_the_largest_value_of_a_candidate_is_the_one_in_the_ledger(tmp_path):
    settings = Contamination(run=13)
    choices = [Choice(name="contamination", options={"run": 13}), CHOICES[1]]
    table = found(tmp_path, settings, choices=choices).to_pylist()
    for name, kind in (("contamination", "words"), ("resembles_prompt", "meaning")):
        ledger = tables.read(tmp_path / "signals" / name)[name].to_pylist()
        for row, value in enumerate(ledger):
            most = max((hit["value"] for hit in table if hit["id"] == f"id{row:03}" and hit["kind"] == kind), default=0)
            assert most == (value if kind == "words" or value > settings.similarity else 0)


def test_a_very_long_text_is_cut_short(tmp_path):
    long = " ".join(f"w{i}" for i in range(2000))
    [hit, _] = found(tmp_path, Contamination(), rows=[(long, "Yes.")], prompts=[long]).to_pylist()
    assert hit["value"] == 2000
    assert len(hit["shared"]) == len(hit["held_out"]) == 2002
