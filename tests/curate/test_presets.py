"""The rules by name: what the paper asks of Stack Exchange is asked of nothing else, and all say where they are from."""

import re

import pyarrow as pa
import pytest

from thousand.curate.presets import GENERAL, PRESETS, catalogue, rules
from thousand.curate.rules import broken
from thousand.errors import RecipeError
from thousand.recipe import Band

LONG = {"score": 9, "characters": 1199, "first_person": 1, "other_answers": 1, "self_contained": 0}
"""What breaks each of the paper's rules by the least."""
ENOUGH = {"score": 10, "characters": 1200, "first_person": 0, "other_answers": 0, "self_contained": 1}


def reasons(source, values):
    fair = {name: band.least if band.least is not None else band.most for name, band in rules("lima", {}).items()}
    columns = {name: pa.chunked_array([[float(value)]]) for name, value in (fair | values).items()}
    return sorted(broken(columns, rules("lima", {}), [source])[0])


def test_the_papers_rules_are_for_stack_exchange():
    assert reasons("stackexchange:coffee", LONG) == sorted(LONG)
    assert reasons("stackexchange:coffee", {"characters": 4097}) == ["characters"]
    assert reasons("stackexchange:coffee", ENOUGH | {"characters": 4096}) == []


@pytest.mark.parametrize(
    "source", ["wikihow:a.csv", "writingprompts:w.ndjson", "natural_instructions:tasks", "authored:a.yaml", "chat:p.jsonl"]
)
def test_other_sources_have_other_manners(source):
    assert reasons(source, LONG) == []
    assert reasons(source, {"repetition": 0.31, "ended": 0, "links": 1}) == ["ended", "links", "repetition"]


def test_an_article_may_be_long_and_a_story_may_swear():
    assert reasons("wikihow:a.csv", {"words": 3000}) == reasons("natural_instructions:t", {"words": 1}) == []
    assert reasons("chat:p.jsonl", {"words": 3000}) == ["words"]
    assert reasons("writingprompts:w", {"insults": 2}) == []
    assert reasons("chat:p.jsonl", {"insults": 1}) == ["insults"]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_rule_has_a_name_a_sentence_and_a_source(preset):
    found = catalogue(preset)
    assert [rule.name for rule in found] == sorted(rules(preset, {}))
    for rule in found:
        assert re.fullmatch(r"[A-Z0-9].{20,}\.", rule.sentence)
        assert len(rule.source) > 10
        band = rules(preset, {})[rule.name]
        assert (rule.least, rule.most, list(rule.only)) == (band.least, band.most, band.only)


def test_bounds_are_said_in_words():
    said = {rule.name: (rule.bounds, rule.only) for rule in catalogue("lima")}
    assert said["characters"] == ("1,200 to 4,096", ("stackexchange",))
    assert said["score"][0] == "at least 10"
    assert said["capitals"] == ("at most 0.5", ())


def test_nothing_private_is_dropped_by_a_preset():
    assert not any("private" in preset for preset in PRESETS.values())


def test_a_rule_that_is_null_or_open_is_off():
    assert set(GENERAL) - set(rules("general", {"links": None, "ended": Band()})) == {"links", "ended"}


def test_a_preset_that_does_not_exist_is_an_error_of_the_recipe():
    with pytest.raises(RecipeError, match="There are: general, lima, none"):
        catalogue("limaa")
