"""The verb: exactly k, of what may be chosen, whatever the order of the files."""

import random

import numpy as np
import pytest

from tests.select.pool import CLEAN, EVERY, KEPT, KNOWN, ROWS, SAID, Apart, Eastwards, arm, ids, parameters, write
from thousand import tables
from thousand.embedding import exact
from thousand.errors import DataError, RecipeError
from thousand.recipe import Arm
from thousand.select import check, select


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pool"), ROWS)


@pytest.mark.parametrize("strategy", [each for each in EVERY if each != "all"])
@pytest.mark.parametrize("budget", [1, 2, 17])
def test_exactly_as_many_as_asked_with_ranks_and_all_that_was_known(pool, strategy, budget):
    table = select(*pool, arm(strategy, budget))
    assert table.schema.equals(tables.SELECTION)
    assert len(set(ids(table))) == table.num_rows == budget
    assert table["rank"].to_pylist() == list(range(1, budget + 1))
    for picked in table.to_pylist():
        assert {name: picked[name] for name in ("content", "messages", "source", "origin", "author")}.items() <= KNOWN[picked["id"]].items()
    assert table["reason"].to_pylist()[-1].endswith(f"{budget} of {budget}")


@pytest.mark.parametrize("strategy", EVERY)
def test_the_order_of_the_rows_changes_nothing(pool, tmp_path, strategy):
    shuffled = write(tmp_path, random.Random(1).sample(ROWS, len(ROWS)))
    quotas = {} if strategy == "all" else {"quota": {"source": {"coffee": {"least": 3}}, "words": {"5..": {"most": 6}}}, "include": ["p:5"]}
    for more in (quotas, {"placebo": True}, {"gate": 0.3, "quality": ["asked", "words"]}):
        first, second = (select(*where, arm(strategy, **more)) for where in (pool, shuffled))
        assert first.equals(second)


@pytest.mark.parametrize("strategy", EVERY)
def test_twice_is_the_same(pool, strategy):
    assert select(*pool, arm(strategy), draw=2).equals(select(*pool, arm(strategy), draw=2))


def test_draws_differ_where_the_strategy_draws(pool):
    assert ids(select(*pool, arm("random"), draw=0)) != ids(select(*pool, arm("random"), draw=1))
    assert ids(select(*pool, arm("longest"), draw=0)) == ids(select(*pool, arm("longest"), draw=1))


@pytest.mark.parametrize("source", ["kept", "pool"])
@pytest.mark.parametrize("strategy", ["random", "longest", "top", "facility_location"])
def test_all_that_may_be_chosen_can_be_and_one_more_cannot(pool, strategy, source):
    may = (KEPT if source == "kept" else CLEAN) - (
        {i for i in SAID if SAID[i]["asked"] is None} if strategy in ("top", "facility_location") else set()
    )
    assert set(ids(select(*pool, arm(strategy, len(may), source=source)))) == may
    with pytest.raises(DataError, match=rf"arms\.mine: {len(may) + 1} examples are asked for and there are {len(may)} to choose from"):
        select(*pool, arm(strategy, len(may) + 1, source=source), name="mine")


def test_baselines_choose_from_the_pool_and_others_from_what_curation_kept(pool):
    assert set(ids(select(*pool, arm("random", len(CLEAN))))) == CLEAN
    assert set(ids(select(*pool, arm("longest", len(CLEAN))))) == CLEAN
    assert set(ids(select(*pool, arm("all")))) == CLEAN
    assert set(ids(select(*pool, arm("all", source="kept")))) == KEPT
    assert set(ids(select(*pool, arm("top", 20)))) <= KEPT


@pytest.mark.parametrize("more", [{}, {"source": "pool"}, {"source": "kept"}, {"placebo": True}, {"placebo": True, "source": "pool"}])
@pytest.mark.parametrize("strategy", EVERY)
def test_what_holds_a_held_out_prompt_is_never_chosen(pool, strategy, more):
    assert set(ids(select(*pool, arm(strategy, **more)))) <= CLEAN


def test_too_few_are_accounted_for(pool):
    with pytest.raises(DataError) as error:
        select(*pool, arm("top", 60, sources=["a.jsonl"], gate=0.5), name="mine")
    # Of the 30 odd rows 6 are contaminated and no rule drops one; of the other 24, rows 5, 19 and 47 have no quality; half are gated.
    counts = (
        "There are 60 candidates, 6 contaminated, 15 dropped by rules, 30 in the sources named, 3 without a quality, 10 below the gate."
    )
    assert str(error.value).endswith(f"{counts} Lower the budget, widen the rules, or gather more.")


@pytest.mark.parametrize("named", ["chat:a.jsonl", "chat", "a.jsonl"])
def test_sources_are_named_by_form_or_file_or_both(pool, named):
    assert set(select(*pool, arm("all", sources=[named]))["source"].to_pylist()) == {"chat:a.jsonl"}
    assert len(set(select(*pool, arm("all", sources=[named, "coffee"]))["source"].to_pylist())) == 2
    with pytest.raises(DataError, match="0 in the sources named"):
        select(*pool, arm("random", 1, sources=["a.json"]))


def test_the_best_by_quality_are_on_top_and_what_was_not_measured_is_not_chosen(pool):
    measured = sorted((i for i in KEPT if SAID[i]["asked"] is not None), key=lambda i: -SAID[i]["asked"])
    table = select(*pool, arm("top"))
    assert ids(table) == measured[:10]
    assert table["quality"].to_pylist() == pytest.approx([1 - i / len(measured) for i in range(10)])


def test_several_qualities_multiply_by_rank(tmp_path):
    rows = [(candidate, said | {"asked": asked, "words": words, "kept": True, "reasons": []}) for (candidate, said), asked, words in
            zip(ROWS, [0.1, 0.2, 0.3, 0.4], [40.0, 30.0, 2.0, 1.0], strict=False)]  # fmt: skip
    # ranks 1 2 3 4 and 4 3 2 1: products 4 6 6 4
    table = select(*write(tmp_path, rows), arm("top", 4, quality=["asked", "words"]))
    assert set(ids(table)[:2]) == {"id001", "id002"}
    assert table["quality"].to_pylist() == [0.875, 0.875, 0.375, 0.375]


def test_a_gate_leaves_out_the_worst_share(pool):
    measured = sorted((i for i in KEPT if SAID[i]["asked"] is not None), key=lambda i: SAID[i]["asked"])
    worst = set(measured[: len(measured) // 2])
    table = select(*pool, arm("facility_location", len(measured) - len(worst), gate=0.5))
    assert not worst & set(ids(table))


def test_a_placebo_chooses_as_many_from_as_many_and_no_better_rows(pool):
    measured = [i for i in KEPT if SAID[i]["asked"] is not None]
    placebo = select(*pool, arm("top", len(measured), placebo=True))
    assert set(ids(placebo)) != set(measured)
    with pytest.raises(DataError, match=f"there are {len(measured)} to choose from"):
        select(*pool, arm("top", len(measured) + 1, placebo=True))
    real, dealt = (select(*pool, arm("top", 10, placebo=each)) for each in (False, True))
    assert real["quality"].equals(dealt["quality"])  # the same values
    assert len(set(ids(real)) & set(ids(dealt))) < 6  # of other rows
    assert "placebo" in dealt["reason"][0].as_py()
    assert "placebo" not in real["reason"][0].as_py()


def test_rows_alike_are_not_chosen_while_there_are_others(pool):
    table = select(*pool, arm("facility_location", 3, options={"weight": 0.0}), embedder=Eastwards())
    vectors = Eastwards().encode([messages[0]["content"] for messages in table["messages"].to_pylist()])
    assert np.linalg.matrix_rank(vectors) == 3


@pytest.mark.parametrize("strategy", ["random", "facility_location"])
def test_the_nearest_earlier_pick_and_its_likeness(pool, strategy):
    table = select(*pool, arm(strategy, 12), embedder=Eastwards())
    vectors = Eastwards().encode([messages[0]["content"] for messages in table["messages"].to_pylist()])
    assert table["nearest"].to_pylist()[0] is table["similarity"].to_pylist()[0] is None
    for rank in range(1, 12):
        likeness = vectors[:rank] @ vectors[rank]
        assert table["similarity"].to_pylist()[rank] == likeness.max()
        assert likeness[ids(table).index(table["nearest"].to_pylist()[rank])] == likeness.max()


@pytest.mark.parametrize("strategy", [each for each in EVERY if "vectors" in parameters(each)])
def test_whom_each_pick_displaced(pool, strategy):
    budget = 8
    table = select(*pool, arm(strategy, budget, source="kept", quality=["words"]), embedder=Apart())
    vectors = {each: exact(Apart().encode([KNOWN[each]["messages"][0]["content"]]))[0] for each in KEPT}
    stood_for = {each: [] for each in ids(table)}
    for other in KEPT - set(ids(table)):
        best = max(vectors[other] @ vectors[each] for each in stood_for)
        stood_for[next(each for each in stood_for if vectors[other] @ vectors[each] == best)].append(other)
    assert table["stands_for"].to_pylist() == [len(each) for each in stood_for.values()]
    assert sum(table["stands_for"].to_pylist()) == len(KEPT) - budget
    for named, others in zip(table["displaced"].to_pylist(), stood_for.values(), strict=True):
        assert set(named) <= set(others)
        assert len(named) == min(3, len(others))


def test_without_vectors_nobody_is_known_to_be_displaced(pool):
    table = select(*pool, arm("random"))
    assert table["stands_for"].null_count == table["displaced"].null_count == 10


def test_a_strategy_that_leaves_rows_out_says_when_they_are_missing(pool):
    enough = sum(SAID[each]["ifd"] < 0.5 for each in KEPT)
    assert select(*pool, arm("ifd", enough, options={"most": 0.5})).num_rows == enough
    with pytest.raises(DataError, match=rf"arms\.mine: {enough + 1} examples are asked for and ifd finds {enough} among {len(KEPT)}\."):
        select(*pool, arm("ifd", enough + 1, options={"most": 0.5}), name="mine")


def test_gains_are_null_where_the_strategy_has_none(pool):
    assert select(*pool, arm("random"))["gain"].null_count == 10
    longest = select(*pool, arm("longest"))
    assert longest["gain"].to_pylist() == [len(messages[-1]["content"]) for messages in longest["messages"].to_pylist()]
    gains = select(*pool, arm("facility_location"))["gain"].to_pylist()
    assert gains == sorted(gains, reverse=True)


def test_an_unknown_quality_is_an_error_of_the_recipe(pool):
    with pytest.raises(
        RecipeError, match=r"arms\.mine\.quality: the ledger has no signal 'askd'\.\s+Add it to curate\.signals\. It has: asked, words"
    ):
        select(*pool, arm("top", quality=["askd"]), name="mine")
    with pytest.raises(RecipeError, match="no signal 'similarity'"):
        select(*pool, arm("top", quality=["similarity"]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"select": "tops"}, r"arms\.mine\.select: 'tops' is not known\.\s+Did you mean 'top'"),
        ({"select": "random", "options": {"weight": 1}}, r"arms\.mine\.options\.weight: there is no such option\.\s+There are: none"),
        ({"select": "facility_location", "options": {"weight": "heavy"}, "quality": "words"}, r"arms\.mine\.options\.weight: .*number"),
        ({"select": "top"}, r"arms\.mine: select: top needs a quality"),
    ],
)
def test_what_an_arm_names_must_exist(pool, settings, said):
    wrong = Arm.model_validate({"budget": 3} | settings)
    with pytest.raises(RecipeError, match=said):
        check(wrong, "mine")
    with pytest.raises(RecipeError, match=said):
        select(*pool, wrong, name="mine")


def test_the_untouched_base_needs_no_check():
    check(Arm(), "none")


def test_a_ledger_of_other_candidates_is_refused(pool, tmp_path):
    other = write(tmp_path, ROWS[::-1])
    with pytest.raises(DataError, match=r"are not those of .*candidates\.\s+Curate these candidates again"):
        select(pool[0], other[1], arm("random"))
