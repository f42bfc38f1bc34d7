"""The life of one candidate, told from the ledger."""

import pytest

from tests.curate.test_curate import GOOD, candidates
from thousand.curate import curate, explain
from thousand.errors import DataError
from thousand.recipe import Curate


@pytest.fixture
def ledger(tmp_path):
    rows = [
        ("Who built the bridge?", GOOD, 2.0),
        ("Who built the bridge?", f"{GOOD}!"),
        ("Who built the wall?", "HE DID, SAYS HTTP://X.EXAMPLE"),
    ]
    pool = candidates(tmp_path / "candidates", *rows, parts=2)
    curate(pool, tmp_path / "ledger", Curate.model_validate({"signals": ["score"], "contamination": None}))
    return tmp_path / "ledger"


def test_a_life_has_every_signal_with_its_rule_and_what_became_of_it(ledger):
    life = explain(ledger, "id002")
    assert (life.origin, life.kept, life.twin) == ("p:2", False, None)
    measures = {each.signal: each for each in life.measures}
    assert sorted(life.reasons) == sorted(name for name, each in measures.items() if each.broken)
    assert (measures["links"].value, measures["links"].rule, measures["links"].broken) == (1, "at most 0", True)
    assert measures["words"].rule == "from 10 to 1500"
    assert (measures["score"].value, measures["score"].why, measures["score"].rule) == (None, "the source gives none", None)


def test_a_copy_names_the_one_that_stays(ledger):
    life = explain(ledger, "id001")
    assert (life.reasons, life.twin, life.similarity) == (["near_copy"], "id000", 1.0)


def test_a_candidate_is_found_by_id_by_content_and_by_origin(ledger):
    life = explain(ledger, "id000")
    assert life.kept
    assert explain(ledger, "p:0") == explain(ledger, life.content) == life


def test_what_cannot_be_found_is_an_error_that_says_so(ledger, tmp_path):
    with pytest.raises(DataError, match="No candidate has the id, the content or the origin id9"):
        explain(ledger, "id9")
    with pytest.raises(DataError, match="no finished ledger"):
        explain(tmp_path / "elsewhere", "id000")
