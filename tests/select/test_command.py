"""The command line of the verb says what a recipe can say, and is refused with what is wrong."""

import json

import pytest
from typer.testing import CliRunner

from tests.select.pool import KEPT, KNOWN, ROWS, SAID, TOPICS, ids, write
from tests.small import lines
from thousand import cli, registry, tables
from thousand.errors import DataError, RecipeError
from thousand.select.select import STRATEGIES


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pool"), ROWS)


@pytest.fixture
def select(pool, tmp_path):
    """Run the command and return the selection and what was said."""

    def run(*given):
        out = tmp_path / "selection.parquet"
        done = CliRunner().invoke(cli.app, ["select", *map(str, (*pool, *given, "--out", out))], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return tables.read(out), done.stdout

    return run


def test_all_that_an_arm_may_ask_for_can_be_given(select, tmp_path):
    never = tmp_path / "never.txt"
    never.write_text("id002\nid006\n", encoding="utf-8")
    given = ("--budget", 12, "--strategy", "facility_location", "--quality", "asked", "--quality", "words", "--gate", 0.1, "--from", "pool")
    given += ("--option", "weight=.5", "--quota", "source.coffee=4", "--quota", "words.6..=0.25..", "--quota", "words.1..3=..2")
    given += ("--safety", 0.25, "--include", "p:9", "--include", "id001", "--exclude", never, "--seed", 3)
    table, _ = select(*given)
    picked = [SAID[each] for each in ids(table)]
    assert table.num_rows == 12
    assert table["source"].to_pylist().count("stackexchange:coffee") == 4
    assert sum(said["words"] >= 6 for said in picked) >= 3
    assert sum(1 <= said["words"] < 3 for said in picked) <= 2
    assert sum(said["refusal"] for said in picked) >= 3
    assert set(ids(table)[:2]) == {"id001", "id009"}
    assert not {"id002", "id006"} & set(ids(table))
    assert "facility_location, asked x words" in table["reason"][0].as_py()


def test_tokens_in_place_of_a_budget(select):
    table, said = select("--tokens", 150, "--strategy", "random", "--json")
    assert sum(SAID[each]["tokens"] for each in ids(table)) <= 150
    result = json.loads(said)
    assert result["examples"] == table.num_rows == sum(result["by_source"].values())


def test_everything_needs_no_budget(select):
    table, said = select("--strategy", "all", "--from", "kept")
    assert set(ids(table)) == KEPT
    assert said.startswith(f"{len(KEPT)} examples in ")
    assert "of chat:a.jsonl" in said


def test_examples_of_what_is_wanted_are_read_in_whatever_form_they_are(select, tmp_path):
    bread = lines(tmp_path / "bread.jsonl", *({"prompt": "bread oven", "response": f"bread flour dough crust {i}"} for i in range(9)))
    turns = [{"from": "human", "value": "river boat"}, {"from": "gpt", "value": "water fish bridge bank"}]
    river = lines(tmp_path / "river.jsonl", *({"conversations": turns} for _ in range(9)))
    for topic, like in enumerate((bread, river)):
        table, _ = select("--budget", 8, "--strategy", "dsir", "--like", like)
        assert select("--budget", 8, "--strategy", "dsir", "--like", like)[0].equals(table)
        prompts = [KNOWN[each]["messages"][0]["content"] for each in ids(table)]
        assert sum(prompt.split()[0] in TOPICS[topic] for prompt in prompts) >= 5  # of eight, where a third would be chance


def test_examples_that_could_not_be_read_are_counted(pool, tmp_path):
    wanted = lines(tmp_path / "wanted.jsonl", {"prompt": "bread oven", "response": "dough"}, "not JSON")
    given = ["select", *pool, "--budget", 3, "--strategy", "dsir", "--like", wanted, "--out", tmp_path / "s.parquet"]
    done = CliRunner().invoke(cli.app, list(map(str, given)))
    assert done.exit_code == 0
    assert "--like: 1 of 2 rows of" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--quota", "source=3"], r"--quota source=3: this is no quota\.\s+Write COLUMN\.CLASS=NUMBER"),
        (["--quota", "source.chat"], "this is no quota"),
        (["--quota", "source.chat=few"], "this is no quota"),
        (["--quota", "source.chat=.."], "this is no quota"),
        (["--quota", "source.chat=-1"], "this is no quota"),
        (["--quota", "source.chat=1.5"], "this is no quota"),
        (["--option", "weight"], "'weight' is not NAME=VALUE"),
        (["--option", "weigth=1", "--strategy", "random"], "weigth: there is no such option"),
        (["--from", "nowhere"], "--from: Input should be 'kept' or 'pool'"),
        (["--gate", "0.5"], "a gate needs a quality"),
        (["--safety", "2"], "--safety: Input should be less than or equal to 1"),
        (["--tokens", "100"], "needs a budget, of examples .* or of tokens"),
        (["--strategy", "all"], "all takes every row"),
        (["--strategy", "dsir"], "aims at examples and none are shown"),
        (["--strategy", "rds", "--like", "LIKE"], "asks the base model and none is given"),
    ],
)
def test_what_cannot_be_is_an_error_of_the_command(pool, tmp_path, given, said):
    like = lines(tmp_path / "wanted.jsonl", {"prompt": "bread oven", "response": "dough"})
    given = [str(like) if each == "LIKE" else each for each in given]
    strategy = [] if "--strategy" in given else ["--strategy", "random"]
    with pytest.raises(RecipeError, match=said):
        CliRunner().invoke(cli.app, ["select", *map(str, pool), "--budget", "5", *strategy, *given], catch_exceptions=False)


def test_a_file_of_examples_that_is_not_there(pool):
    with pytest.raises((DataError, RecipeError), match=r"nowhere\.jsonl"):
        CliRunner().invoke(
            cli.app, ["select", *map(str, pool), "--budget", "5", "--strategy", "dsir", "--like", "nowhere.jsonl"], catch_exceptions=False
        )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("source.coffee=400", {"source": {"coffee": 400}}),
        ("source.chat:a.b=c.jsonl=0.5", {"source": {"chat:a.b=c.jsonl": 0.5}}),
        ("words.100..400=0.1..0.3", {"words": {"100..400": {"least": 0.1, "most": 0.3}}}),
        ("words...50=..7", {"words": {"..50": {"least": None, "most": 7}}}),
        ("asked.0.1..=1.0", {"asked": {"0.1..": 1.0}}),
        ("tags.tea=0..2", {"tags": {"tea": {"least": 0, "most": 2}}}),
        ("tags.tea=0", {"tags": {"tea": 0}}),
    ],
)
def test_how_a_quota_is_written(written, meant):
    found = cli.select._quotas([written])
    assert found == meant
    ((value,),) = (each.values() for each in found.values())
    assert type(value) is type(next(iter(next(iter(meant.values())).values())))


def test_help_names_every_strategy():
    said = CliRunner().invoke(cli.app, ["select", "--help"], env={"COLUMNS": "200"}).stdout
    assert all(name in said for name in registry.names(STRATEGIES))
