"""What a run will take, told from a share of its pool: counts exactly, rows nearly, and money as endpoints ask it."""

import json

import pytest
import yaml

from tests.served import Says, Server
from tests.small import SHIPPED, laboratory
from thousand import cli
from thousand.cost import cost
from thousand.recipe import load

ROWS, SHARE = 3000, 0.2
TINY = {"steps": 5, "batch": 4, "learning_rate": 5e-4, "residual_dropout": 0.0, "checkpoints": False}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The cost of a recipe with a paid signal, and how many questions were asked to tell it."""
    folder = tmp_path_factory.mktemp("cost")
    lab = laboratory(folder / "lab", rows=ROWS)
    with Server(lambda said, before: Says("4")) as server:
        rating = {"model": "m", "base_url": server.url, "prompt_price": 100.0, "completion_price": 200.0}
        recipe = {
            "base": str(SHIPPED),
            "pool": [{"chat": str(lab / "pool.jsonl")}],
            "prompts": {"test": str(lab / "prompts.jsonl")},
            "curate": {"signals": [{"rating": rating}]},
            "arms": {
                "longest": {"select": "longest", "budget": 8},
                "all": {"select": "all", "align": {"epochs": 2, "steps": None}, "seeds": 1},
                "none": {},
            },
            "align": TINY,
            "answer": {"max_tokens": 8, "repetition_penalty": 1.0, "samples": 2},
            "judge": ["longest"],
            "seeds": 3,
        }
        path = folder / "recipe.yaml"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
        yield path, cost(load(path, {}), folder / "run", SHARE), len(server.asked)


def test_the_rows_of_the_whole_are_told_from_a_share_of_its_bytes(found):
    _, told, _ = found
    assert told.candidates == pytest.approx(ROWS, rel=0.1)
    assert told.share == pytest.approx(SHARE, rel=0.2)
    assert told.sampled == pytest.approx(told.share * ROWS, rel=0.1)


def test_models_steps_and_answers_are_those_of_the_recipe(found):
    _, told, _ = found
    epochs = 2 * -(-told.candidates // 4)
    assert told.models == 3 + 1
    assert told.steps == pytest.approx(3 * 5 + epochs, abs=2)
    assert told.answers == 4 * 2 * (3 + 1 + 3)


def test_every_arm_and_every_judge_has_its_share(found):
    _, told, _ = found
    assert [(each.arm, each.train, each.ask, each.steps > 0) for each in told.arms] == [
        ("longest", 3, 3, True),
        ("all", 1, 1, True),
        ("none", 0, 3, False),
    ]
    assert told.tokens == told.answers * 8 and told.finished == 0
    assert sum(each.seconds for each in told.arms) == pytest.approx(told.seconds["align"] + told.seconds["answer"], abs=0.5)
    assert [(each.judge, each.calls, each.money) for each in told.judges] == [("longest", 2 * 4 * 2 * 6, 0.0)]  # pairs, both orders
    assert "  longest: 3 to train on 8 examples, 5 steps each; 3 to ask; about " in told.sentence()
    assert "  judge longest: 96 calls" in told.sentence()


def test_every_verb_takes_time_and_curation_says_what_of_it(found):
    _, told, _ = found
    assert set(told.seconds) == {"gather", "curate", "align", "answer"}
    assert all(seconds > 0 for verb, seconds in told.seconds.items() if verb != "gather")
    assert told.seconds["curate"] == pytest.approx(sum(told.curation.values()), abs=1)
    assert "near_copy" in told.curation and "ended" in told.curation
    assert told.memory_mb > 100


def test_money_is_that_of_the_whole_and_few_questions_were_asked_to_tell(found):
    _, told, asked = found
    each = (100 * 100.0 + 10 * 200.0) / 1e6  # the server counts 100 tokens asked and 10 said; prices are for a million
    assert told.money["USD"] == pytest.approx(round(told.candidates * each, 2), rel=0.1)
    assert asked < 0.2 * ROWS


def test_the_command_says_it_in_sentences(found):
    _, told, _ = found
    said = told.sentence()
    assert f"About {told.candidates:,} candidates" in said
    assert "Models to train: 4" in said
    assert "Money for curation: about" in said


def test_a_source_that_is_not_there_is_said(found, tmp_path, monkeypatch, capsys):
    path, _, _ = found
    broken = yaml.safe_load(path.read_text(encoding="utf-8")) | {"pool": [{"chat": str(tmp_path / "none.jsonl")}]}
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(broken), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["thousand", "cost", str(tmp_path / "broken.yaml"), "--json"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    said = capsys.readouterr()
    assert stopped.value.code not in (0, None)
    assert "none.jsonl" in said.err
    assert not said.out or json.loads(said.out)
