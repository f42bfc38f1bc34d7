"""The verb keeps its promises: quotas by any column, tokens, rows that must and must not be chosen, the share that declines."""

import pytest

from tests.select.pool import CLEAN, EVERY, KEPT, KNOWN, ROWS, SAID, arm, ids, parameters, write
from thousand.errors import DataError, RecipeError
from thousand.select import select

CHOOSING = [each for each in EVERY if each != "all"]


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pool"), ROWS)


def counts(table, of):
    """How many picks are so."""
    return sum(bool(of(KNOWN[each], SAID[each])) for each in ids(table))


OF_CLASS = {
    "source.coffee": lambda row, said: row["source"] == "stackexchange:coffee",
    "source.chat": lambda row, said: row["source"] == "chat:a.jsonl",
    "licence.MIT": lambda row, said: row["licence"] == "MIT",
    "licence.unknown": lambda row, said: row["licence"] is None,
    "author.by 7": lambda row, said: row["author"] == "by 7",
    "tags.river": lambda row, said: "river" in (row["tags"] or ()),
    "tags.even": lambda row, said: "even" in (row["tags"] or ()),
    "words.3..6": lambda row, said: 3 <= said["words"] < 6,
    "words...3": lambda row, said: said["words"] < 3,
    "words.6..": lambda row, said: said["words"] >= 6,
}


def quotas(**wanted):
    """{"source.chat": 3} as a recipe has it."""
    found = {}
    for name, number in wanted.items():
        column, _, value = name.partition(".")
        found.setdefault(column, {})[value] = number
    return found


@pytest.mark.parametrize("strategy", CHOOSING)
def test_quotas_that_overlap_are_all_met_by_exactly_the_budget(pool, strategy):
    wanted = {"source.coffee": 4, "licence.MIT": {"least": 5}, "tags.river": {"least": 2, "most": 3}, "words.6..": 0.25, "author.by 7": 1}
    table = select(*pool, arm(strategy, 12, quota=quotas(**wanted)))
    assert len(set(ids(table))) == 12
    found = {name: counts(table, OF_CLASS[name]) for name in wanted}
    assert found.pop("licence.MIT") >= 5
    assert found.pop("tags.river") in (2, 3)
    assert found == {"source.coffee": 4, "words.6..": 3, "author.by 7": 1}


@pytest.mark.parametrize("name", OF_CLASS)
@pytest.mark.parametrize("wanted", [0, 1, {"most": 1}, {"least": 1, "most": 1}])
def test_every_column_can_have_a_quota(pool, name, wanted):
    table = select(*pool, arm("random", 9, quota=quotas(**{name: wanted})))
    assert table.num_rows == 9
    assert counts(table, OF_CLASS[name]) in ([0, 1] if wanted == {"most": 1} else [0] if wanted == 0 else [1])


@pytest.mark.parametrize("budget", [9, 10])
def test_a_share_is_met_within_a_row_and_its_bounds_to_the_row(pool, budget):
    table = select(*pool, arm("random", budget, quota=quotas(**{"source.coffee": 0.5, "source.chat": 0.5})))
    assert counts(table, OF_CLASS["source.coffee"]) in (budget // 2, -(-budget // 2))
    table = select(*pool, arm("random", budget, quota=quotas(**{"licence.unknown": {"least": 0.31}, "licence.MIT": {"most": 0.19}})))
    assert counts(table, OF_CLASS["licence.unknown"]) >= -(-31 * budget // 100)
    assert counts(table, OF_CLASS["licence.MIT"]) <= 19 * budget // 100


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            {"author.by 7": {"least": 2}},
            r"arms\.mine\.quota\.author\.by 7 asks for at least 2 and 1 can be had \(1 short\)",
        ),
        ({"source.nowhere": 3}, r"arms\.mine\.quota\.source\.nowhere asks for at least 3 and 0 can be had \(3 short\)"),
        (
            {"source.coffee": {"most": 2}, "source.chat": {"most": 5}},
            r"arms\.mine\.quota\.source\.(coffee allows 2 and 5|chat allows 5 and 8) would be needed \(3 too many\)",
        ),
        (
            {"source.coffee": {"least": 8}, "source.chat": {"least": 8}},
            r"arms\.mine\.quota\.source\.(coffee|chat) asks for at least 8 and 2 can be had \(6 short\)",
        ),
    ],
)
def test_quotas_that_cannot_be_met_are_named_with_what_is_missing(pool, wanted, said):
    with pytest.raises(DataError, match=said):
        select(*pool, arm("random", 10, source="pool", quota=quotas(**wanted)), name="mine")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"quota": {"wrods": {"3..6": 1}}}, r"arms\.mine\.quota\.wrods: the ledger has no signal 'wrods'\.\s+Did you mean 'words'"),
        ({"quota": {"words": {"few": 1}}}, r"arms\.mine\.quota\.words\.few: words is a number\.\s+Name a band of it"),
        (
            {"quota": {"source": {"chat": {"least": 3, "most": 2}}}},
            r"arms\.mine\.quota\.source\.chat: no number is at least 3 and at most 2",
        ),
        ({"quota": {"source": {"chat": 0.5}}, "tokens": 200}, r"arms\.mine\.quota\.source\.chat: a share needs a budget of rows"),
        ({"quota": {"source": {"chat": 2}}, "tokens": 200}, "a budget of tokens cannot promise a least number"),
        ({"safety": 0.1, "tokens": 200}, r"arms\.mine\.safety: a share needs a budget of rows"),
    ],
)
def test_quotas_that_make_no_sense_are_errors_of_the_recipe(pool, settings, said):
    with pytest.raises(RecipeError, match=said):
        select(*pool, arm("random", 5, **settings), name="mine")


def test_the_quotas_that_a_pick_counts_for_are_its_stratum(pool):
    table = select(*pool, arm("random", 12, quota=quotas(**{"source.coffee": 4, "words.6..": {"least": 3}})), name="a.b")
    for each in table.to_pylist():
        coffee, long = each["source"] == "stackexchange:coffee", SAID[each["id"]]["words"] >= 6
        named = ["quota.source.coffee"] * coffee + ["quota.words.6.."] * long
        assert each["stratum"] == (", ".join(named) or None)
    assert select(*pool, arm("random", 3))["stratum"].null_count == 3


@pytest.mark.parametrize("strategy", CHOOSING)
@pytest.mark.parametrize("tokens", [9, 10, 100, 400])
def test_tokens_are_never_exceeded_and_no_row_is_left_that_fits(pool, strategy, tokens):
    table = select(*pool, arm(strategy, tokens=tokens, source="pool"))
    spent = sum(SAID[each]["tokens"] for each in ids(table))
    assert spent <= tokens
    measured = {each for each in CLEAN if SAID[each]["asked"] is not None} if "quality" in parameters(strategy) else CLEAN
    assert min(SAID[each]["tokens"] for each in measured - set(ids(table))) > tokens - spent


def test_tokens_and_a_quota_of_a_most(pool):
    table = select(*pool, arm("longest", tokens=400, quota=quotas(**{"source.chat": {"most": 1}})))
    assert counts(table, OF_CLASS["source.chat"]) == 1
    assert sum(SAID[each]["tokens"] for each in ids(table)) <= 400


def test_tokens_that_were_not_measured_are_an_error(tmp_path):
    rows = [(candidate, said | {"tokens": None if said["id"] == "id001" else 3.0}) for candidate, said in ROWS]
    with pytest.raises(DataError, match=r"arms\.mine\.tokens: 1 rows have no number of tokens"):
        select(*write(tmp_path, rows), arm("random", tokens=50), name="mine")


@pytest.mark.parametrize("strategy", CHOOSING)
def test_what_must_be_chosen_is_first_and_what_must_not_is_not(pool, tmp_path, strategy):
    """id004 is dropped by a rule and id005 has no quality: who names a row knows why."""
    listed = tmp_path / "never.txt"
    listed.write_text("id006\n\n p:7 \n", encoding="utf-8")
    wanted, unwanted = ["id004", "p:5"], [str(listed), "id009"]
    table = select(*pool, arm(strategy, 10, include=wanted, exclude=unwanted))
    assert set(ids(table)[:2]) == {"id004", "id005"}
    assert not {"id006", "id007", "id009"} & set(ids(table))
    everything = select(*pool, arm(strategy, 3, include=["id001", "id004", "id005"]))
    assert set(ids(everything)) == {"id001", "id004", "id005"}


def test_a_row_that_must_be_chosen_and_has_no_quality_spoils_no_others(pool):
    plain, with_it = (select(*pool, arm("top", 5, include=each)) for each in ([], ["id005"]))
    assert with_it["quality"].to_pylist() == [None, *plain["quality"].to_pylist()[:4]]
    assert ids(with_it) == ["id005", *ids(plain)[:4]]


def test_an_origin_may_be_that_of_several(tmp_path):
    rows = [(candidate | {"origin": "p:0" if i in (1, 2) else candidate["origin"]}, said) for i, (candidate, said) in enumerate(ROWS)]
    table = select(*write(tmp_path, rows), arm("all", exclude=["p:0"]))
    assert set(ids(table)) == CLEAN - {"id000", "id001", "id002"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"include": ["id999"]}, r"arms\.mine\.include: there is no candidate 'id999'"),
        ({"exclude": ["p:1", "nowhere.txt"]}, r"arms\.mine\.exclude: there is no candidate 'nowhere\.txt'"),
        ({"include": ["id003"]}, r"arms\.mine\.include: id003 holds a held-out prompt"),
        ({"include": ["id001"], "exclude": ["p:1"]}, r"arms\.mine\.include: id001 is excluded, too"),
        ({"include": ["id001", "id002", "id004"], "budget": 2}, "3 rows must be included and the budget is 2"),
        ({"include": ["id011"], "tokens": 20}, "must be included and the budget has no room for it"),
        (
            {"include": ["id001"], "quota": {"source": {"chat": 0}}},
            r"arms\.mine\.quota\.source\.chat allows 0 and 1 would be needed \(1 too many\)",
        ),
    ],
)
def test_lists_that_cannot_be_kept_are_errors(pool, settings, said):
    with pytest.raises(DataError, match=said):
        select(*pool, arm("random", settings.pop("budget", 5), **settings), name="mine")


@pytest.mark.parametrize("strategy", CHOOSING)
@pytest.mark.parametrize("share", [0.07, 0.3])
def test_a_share_of_the_picks_declines(pool, strategy, share):
    table = select(*pool, arm(strategy, 10, safety=share))
    assert counts(table, lambda row, said: said["refusal"]) >= 10 * share


def test_more_that_decline_than_there_are_is_an_error(pool):
    there = sum(SAID[each]["refusal"] for each in KEPT)
    with pytest.raises(DataError, match=rf"arms\.mine\.safety asks for at least 20 and {there:.0f} can be had"):
        select(*pool, arm("random", 20, source="kept", safety=1.0), name="mine")


@pytest.mark.parametrize("column", ["source", "licence", "tags", "group"])
def test_strategies_with_strata_have_those_of_the_column(pool, column):
    table = select(*pool, arm("s1", 12, strata=column))
    for each in table.to_pylist():
        value = KNOWN[each["id"]][column]
        assert each["stratum"] == ((value[0] if isinstance(value, list) else value) or "unknown")


def test_a_signal_makes_no_strata(pool):
    with pytest.raises(RecipeError, match=r"arms\.mine\.strata: 'words' does not divide the rows"):
        select(*pool, arm("s1", 5, strata="words"), name="mine")
