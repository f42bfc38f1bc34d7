"""What a strategy asks for by name, made when it is asked for, and only then."""

import numpy as np
import pyarrow as pa
import pytest

from tests.small import SHIPPED, chat
from thousand.embedding import Tfidf, exact, unit
from thousand.errors import RecipeError
from thousand.model import load, mean_states
from thousand.select.budget import Budget
from thousand.select.classes import Classes
from thousand.select.offer import Offer

SAID = [
    [{"role": "system", "content": "Be brief."}, *chat("Who rules?", "Nobody.")],
    chat("How?", "So."),
    chat("Who rules?", "The mayor, as ever."),
    chat("Who?", "I.", "You?", "Yes, I."),
]
SHOWN = [chat("Who sails?", "The ship.")]


def offer(groups=(None, None, None, None), tags=None, shown=SHOWN, base=SHIPPED):
    table = pa.table(
        {
            "messages": SAID,
            "source": ["chat:a", "chat:b", "chat:a", "chat:b"],
            "group": pa.array(groups, pa.string()),
            "tags": pa.array(tags or [None] * 4, pa.list_(pa.string())),
        }
    )
    ledger = pa.table({"ifd": [0.5, None, 0.9, 0.1]})
    quality = np.array([0.25, 0.5, 0.75, 1.0])
    return Offer(Budget(4, 2), quality, 7, table, Classes(table, ledger), Tfidf(), "source", shown, base and str(base), "mine")


def test_texts_are_what_was_asked_and_answered():
    mine = offer()
    assert mine["count"] == 4
    assert mine["prompts"] == ["Who rules?", "How?", "Who rules?", "Who?\n\nI.\n\nYou?"]
    assert mine["responses"] == ["Nobody.", "So.", "The mayor, as ever.", "Yes, I."]
    assert mine["texts"][3] == "Who?\n\nI.\n\nYou?\n\nYes, I."
    assert mine["target_texts"] == ["Who sails?\n\nThe ship."]
    assert mine["lengths"].tolist() == [7, 3, 19, 7]
    assert mine["conversations"] == SAID


def test_rows_that_answer_one_question_have_one_number():
    assert offer()["groups"].tolist() == [0, 1, 0, 2]
    assert offer(groups=("a", "b", None, "b"))["groups"].tolist() == [0, 1, 2, 1]


def test_what_is_no_property_is_a_signal():
    mine = offer()
    for ifd in (mine["ifd"], mine["signals"]["ifd"]):
        assert ifd == pytest.approx([0.5, np.nan, 0.9, 0.1], nan_ok=True)
    for ask in (lambda: mine["difficulty"], lambda: mine["signals"]["difficulty"]):
        with pytest.raises(RecipeError, match=r"arms\.mine: the ledger has no signal 'difficulty'\.\s+Add it to curate\.signals"):
            ask()
    assert (mine["seed"], mine["budget"].left, mine["quality"][3]) == (7, 2, 1.0)


def test_methods_and_fields_that_are_no_one_s_business_are_not_offered():
    for name in ("table", "embedder", "name", "__init__"):
        with pytest.raises(RecipeError, match="no signal"):
            offer()[name]


def test_strata_and_tags():
    assert offer()["strata"].tolist() == ["chat:a", "chat:b", "chat:a", "chat:b"]
    assert offer(tags=[["sea"], None, [], ["sea", "land"]])["tags"] == [["sea"], [], [], ["sea", "land"]]
    with pytest.raises(RecipeError, match="no candidate has tags"):
        offer()["tags"]


def test_vectors_of_rows_and_of_examples_are_of_one_space_and_at_fixed_point():
    mine = offer()
    assert mine["vectors"][0].tolist() == mine["vectors"][2].tolist()
    assert mine["targets"].shape == (1, mine["vectors"].shape[1])
    assert mine["targets"][0] @ mine["vectors"][0] > mine["targets"][0] @ mine["vectors"][1]
    for vectors in (mine["vectors"], mine["targets"], mine["states"], mine["target_states"]):
        assert (vectors == exact(vectors)).all()


def test_states_are_unit_vectors_of_what_the_base_makes_of_a_row():
    mine = offer()
    states = unit(mean_states(load(SHIPPED), SAID))
    assert mine["states"] == pytest.approx(states, abs=1e-3)
    assert mine["target_states"].shape == (1, 160)
    assert np.linalg.norm(mine["states"], axis=1) == pytest.approx(np.ones(4), abs=1e-2)


def test_a_thing_is_made_once():
    mine = offer()
    for name in ("texts", "groups", "vectors", "states", "signals"):
        assert mine[name] is mine[name]
    assert mine["signals"]["ifd"] is mine["signals"]["ifd"]


def test_what_was_not_given_is_an_error_that_says_so():
    for name in ("wanted", "targets", "target_texts", "target_states"):
        with pytest.raises(RecipeError, match=r"arms\.mine: the strategy aims at examples and none are shown"):
            offer(shown=())[name]
    for name in ("base_folder", "states"):
        with pytest.raises(RecipeError, match=r"arms\.mine: the strategy asks the base model and none is given"):
            offer(base=None)[name]
