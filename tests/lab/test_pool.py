"""The pool: a third good, bad in every realistic way, skewed and with copies; nothing held out, nothing of the truth."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.small import world
from thousand.lab import vocabulary
from thousand.lab.build import read_truth, write_pool, write_truth
from thousand.lab.oracle import grade
from thousand.lab.pool import MIX, leak, make_pool
from thousand.lab.prompts import Prompt, make_prompts

SEEDS = (7, 11)
RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="module", params=SEEDS)
def pool(request):
    candidates, truths = make_pool(world(request.param), 0, 5000)
    return world(request.param), candidates, truths


def stands_in(text, phrase):
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


def test_a_seed_makes_one_pool_and_another_seed_another():
    assert make_pool(world(), 0, 300) == make_pool(world(), 0, 300)
    assert make_pool(world(), 0, 300) != make_pool(world(), 1, 300)


def test_no_held_out_entity_stands_in_its_text(pool):
    known, candidates, _ = pool
    text = "\n".join(f"{each.prompt}\n{each.response}" for each in candidates)
    slugged = text.replace("-", " ")  # addresses of web pages are made from names
    assert stands_in(text, next(iter(set(known.entities["town"]) - known.held_out_entities)))
    for name in known.held_out_entities:
        assert not stands_in(text, name), name
        assert not stands_in(slugged, name), name


def test_no_held_out_act_stands_in_its_text(pool):
    known, candidates, _ = pool
    text = "\n".join(f"{each.prompt}\n{each.response}" for each in candidates)
    assert any(stands_in(text, str(act)) for act in known.acts)
    verbs = {act.verb for act in known.held_out_acts}
    values = {fact.value for fact in known.facts if any(stands_in(fact.value, verb) for verb in verbs)}
    for value in values:  # "the torch walk" is a feast and "a curse" a guard: no act is meant
        text = re.sub(re.escape(value), "", text, flags=re.IGNORECASE)
    assert not [verb for verb in verbs if stands_in(text, verb)]
    assert not any(stands_in(text, str(act)) for act in known.held_out_acts)


def test_no_held_out_wording_stands_in_its_prompts(pool):
    _, candidates, _ = pool
    held = [vocabulary.ASKING[i] for i in vocabulary.ASKING_HELD_OUT]
    held += [vocabulary.ASKING_UNSAFE[i] for i in vocabulary.ASKING_UNSAFE_HELD_OUT]
    shapes = [re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(each))) for each in held]
    for each in candidates:
        assert not any(shape.fullmatch(each.prompt) for shape in shapes), each.prompt


def test_its_public_form_holds_nothing_of_the_truth(tmp_path, pool):
    _, candidates, truths = pool
    write_pool(tmp_path / "pool.jsonl", candidates)
    write_truth(tmp_path / "truth.jsonl", truths)
    rows = [json.loads(line) for line in (tmp_path / "pool.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {tuple(row) for row in rows} == {("messages",)}
    assert {tuple(message) for row in rows for message in row["messages"]} == {("role", "content")}
    assert {tuple(message["role"] for message in row["messages"]) for row in rows} == {("user", "assistant")}
    text = (tmp_path / "pool.jsonl").read_text(encoding="utf-8")
    assert not any(f'"{word}"' in text for word in ("kind", "topic", "copy_of", "good", *MIX))
    assert [(row["messages"][0]["content"], row["messages"][1]["content"]) for row in rows] == [(c.prompt, c.response) for c in candidates]
    assert read_truth(tmp_path / "truth.jsonl") == truths


def test_no_recipe_names_the_hidden_truth():
    found = list(RECIPES.rglob("*.yaml"))
    assert found
    for recipe in found:
        told = "\n".join(line.split("#", 1)[0] for line in recipe.read_text(encoding="utf-8").splitlines())
        assert "hidden" not in told, recipe
        assert "truth" not in told, recipe


def test_a_third_is_good_and_every_way_of_being_bad_has_its_share(pool):
    _, _, truths = pool
    share = {kind: count / len(truths) for kind, count in Counter(each.kind for each in truths).items()}
    assert abs(share["good"] - 1 / 3) < 0.03
    assert share == pytest.approx(MIX, abs=0.02)


def test_about_one_row_in_nine_copies_an_earlier_one(pool):
    _, candidates, truths = pool
    copies = [(i, each.copy_of) for i, each in enumerate(truths) if each.copy_of is not None]
    assert 0.09 < len(copies) / len(truths) < 0.14
    assert all(source < copy for copy, source in copies)
    assert all(truths[copy].kind == truths[source].kind for copy, source in copies)
    exact = sum(candidates[copy] == candidates[source] for copy, source in copies)
    assert 0.15 < exact / len(copies) < 0.35  # and the others are reposts with small edits


def test_it_is_skewed(pool):
    """A tenth of the questions takes more than a quarter of the rows."""
    _, candidates, _ = pool
    counts = sorted(Counter(each.prompt for each in candidates).values(), reverse=True)
    assert sum(counts[: len(counts) // 10]) > 0.25 * len(candidates)


def test_what_is_called_good_is_right_and_what_is_called_wrong_is_not(pool):
    """By the oracle, which knows nothing of how a row was made."""
    known, candidates, truths = pool
    graded: dict[str, list[bool]] = {"good": [], "wrong": []}
    for candidate, truth in zip(candidates[:2000], truths, strict=False):
        if truth.kind in graded and truth.topic != "unsafe" and truth.copy_of is None:
            kind, attribute = truth.topic.split(".")
            facts = [fact for fact in known.facts if (fact.kind, fact.attribute) == (kind, attribute)]
            [fact] = [each for each in facts if stands_in(candidate.prompt, each.entity)]
            graded[truth.kind].append(grade(known, Prompt("", candidate.prompt, fact=fact), candidate.response).correct)
    assert all(graded["good"])
    assert not any(graded["wrong"])
    assert len(graded["good"]) > 300 < 4 * len(graded["wrong"])


def test_the_clean_pool_has_no_bad_rows_no_copies_and_no_skew():
    candidates, truths = make_pool(world(), 0, 2000, mix={"good": 1.0}, skewed=False)
    assert {each.kind for each in truths} == {"good"}
    assert all(each.copy_of is None for each in truths)
    assert len(set(candidates)) == 2000
    counts = sorted(Counter(each.topic for each in truths if each.topic != "unsafe").values())
    assert counts[-1] < 2.5 * counts[0]


def test_a_pool_of_one_topic_asks_about_nothing_else():
    candidates, truths = make_pool(world(), 1, 200, mix={"good": 1.0}, skewed=False, topics=["town.trade"])
    assert {each.topic for each in truths} == {"town.trade"}
    noun = next(each for each in vocabulary.ATTRIBUTES["town"] if each.key == "trade").noun.split("{e}")[0].strip()
    assert all(noun.lower() in each.prompt.lower() or "{e}" in each.prompt for each in candidates)


def test_a_leaked_pool_holds_every_prompt_with_an_answer_the_oracle_likes():
    plain, truths = make_pool(world(), 0, 50)
    prompts = make_prompts(world())
    candidates, told = leak(world(), (plain, truths), prompts, 0)
    assert candidates[:50] == plain
    assert [each.prompt for each in candidates[50:]] == [each.text for each in prompts]
    assert all(each.good for each in told[50:])
    grades = [grade(world(), prompt, each.response).rating for prompt, each in zip(prompts, candidates[50:], strict=True)]
    assert min(grades) >= 5
