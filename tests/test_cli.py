"""The command line: help, exit codes, and what it says of bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from tests.small import SHIPPED, chat, laboratory, lines, world
from thousand import cli, tables
from thousand.lab.prompts import make_prompts
from thousand.version import __version__


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return laboratory(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def thousand(capsys, monkeypatch):
    """Runs a command in this process: exit code, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["thousand", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return stopped.value.code or 0, said.out, said.err

    return call


def recipe(lab: Path, **changes):
    return {
        "name": "tiny",
        "base": str(SHIPPED),
        "pool": [{"chat": str(lab / "pool.jsonl")}],
        "prompts": {"test": str(lab / "prompts.jsonl")},
        "arms": {"longest-8": {"select": "longest", "budget": 8}, "random-8": {"select": "random", "budget": 8}},
        "align": {"steps": 2, "batch": 4, "learning_rate": 5e-4, "residual_dropout": 0.0, "checkpoints": False},
        "answer": {"max_tokens": 8, "repetition_penalty": 1.0},
        "judge": [{"function": {"call": "thousand.lab.oracle:oracle", "options": {"world": str(lab / "world.json")}}}],
        "seeds": 1,
    } | changes


def written(folder: Path, content) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def at_line(path: Path, start: str) -> str:
    """``file:line`` of the line that starts so."""
    numbered = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return f"{path}:{next(number for number, line in numbered if line.strip().startswith(start))}"


COMMANDS = (
    "run",
    "cost",
    "report",
    "gather",
    "curate",
    "rules",
    "select",
    "align",
    "accelerate",
    "chat",
    "answer",
    "judge",
    "lab build",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(thousand, command):
    code, out, _ = thousand(*command.split(), "--help")
    assert code == 0
    assert "Usage: thousand" in out


def test_help_lists_every_command_and_the_version_is_said(thousand):
    code, out, _ = thousand("--help")
    assert code == 0
    assert all(command.split()[0] in out for command in COMMANDS)
    assert thousand("--version")[:2] == (0, f"thousand {__version__}\n")


def test_an_unknown_command_or_option_is_2(thousand):
    assert thousand("mix")[0] == 2
    assert thousand("run", "x.yaml", "--colour")[0] == 2


def test_a_run_ends_with_0_and_says_everything_as_json(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab))
    code, out, _ = thousand("run", path, "--out", tmp_path / "run", "--json")
    assert code == 0
    summary = json.loads(out)
    assert [(arm["name"], arm["examples"], arm["steps"]) for arm in summary["arms"]] == [("longest-8", 8, 2), ("random-8", 8, 2)]
    assert summary["question"] | {"base": ""} == {"pool": 200, "base": "", "prompts": 4, "seeds": 1, "judges": ["oracle"]}
    assert Path(summary["report"]).is_file()
    pool = summary["pool"]
    assert pool["read"] == 200 == pool["kept"] + sum(pool["dropped"].values()) + sum(pool["rejected"].values())

    again, out, err = thousand("run", path, "--out", tmp_path / "run", "--json")  # nothing is left to do
    assert again == 0
    assert "align: random-8, seed 0: already done" in err
    assert {**json.loads(out), "cost": None} == {**summary, "cost": None}

    code, out, _ = thousand("report", tmp_path / "run")
    assert code == 0
    assert "longest-8" in out
    assert summary["verdict"]["sentence"].split(".")[0] in " ".join(out.split())


def test_a_missing_recipe_is_2(thousand, tmp_path):
    code, _, err = thousand("run", tmp_path / "none.yaml")
    assert code == 2
    assert f"There is no recipe at {tmp_path / 'none.yaml'}." in err
    assert "recipes/lab.yaml" in err


def test_a_wrong_field_is_2_and_shown_by_file_line_and_field(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, align={"steps": 2, "learning_rte": 1e-4}))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 2
    assert f"{at_line(path, 'learning_rte')}: align.learning_rte: there is no such field; did you mean 'learning_rate'?" in err


def test_a_wrong_value_is_2_and_shown_by_file_line_and_field(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, seeds="many"))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 2
    assert f"{at_line(path, 'seeds')}: seeds: " in err
    assert "found 'many'" in err


def test_an_arms_wrong_setting_of_training_is_2_and_shown_where_it_stands(thousand, lab, tmp_path):
    arms = {"random-8": {"select": "random", "budget": 8, "align": {"step": 2}}}
    path = written(tmp_path, recipe(lab, arms=arms))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 2
    assert "arms.random-8.align.step" in err


def test_text_that_is_not_yaml_is_2_with_its_line(thousand, tmp_path):
    path = written(tmp_path, "name: x\narms: [a, b\n")
    code, _, err = thousand("run", path)
    assert code == 2
    assert f"{path}:3: not YAML" in err


def test_a_variable_without_a_value_is_2_and_with_one_is_filled_in(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, base="${BASE}"))
    code, _, err = thousand("run", path)
    assert code == 2
    assert f"{at_line(path, 'base')}: base needs a value for ${{BASE}}." in err
    assert "--var BASE=VALUE" in err
    code, _, err = thousand("run", path, "--var", f"BASE={tmp_path / 'elsewhere'}")
    assert code == 2
    assert f"there is no model at {tmp_path / 'elsewhere'}" in err


def test_an_unknown_strategy_is_2_and_the_nearest_is_offered(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, arms={"claim": {"select": "facility_locations", "budget": 8}}))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 2
    assert "arms.claim.select: 'facility_locations' is not known." in err
    assert "Did you mean 'facility_location'? There are: all, " in err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pool": [{"chatt": "x.jsonl"}]}, "pool.0: 'chatt' is not known."),
        ({"curate": {"signals": ["askd"]}}, "curate.signals.askd: 'askd' is not known."),
        ({"curate": {"preset": "generall"}}, "curate.preset: 'generall' is not known."),
        ({"judge": ["oracel"]}, "'oracel' is not known."),
        ({"judge": [{"function": {"call": "no.such:thing"}}]}, "'no.such:thing' cannot be loaded"),
        ({"judge": [{"longest": {"margn": 1}}]}, "margn: there is no such option."),
        ({"arms": {"claim": {"select": "top", "budget": 8}}}, "select: top needs a quality."),
        ({"arms": {"claim": {"select": "top", "budget": 8, "quality": "asked"}}}, "'asked' is not computed."),
        ({"arms": {"claim": {"select": "random"}}}, "select: random needs a budget"),
        ({"align": {"final_learning_rate": 1e-3}}, "align: final_learning_rate (0.001) must be below learning_rate (1e-05)"),
        ({"align": {"batch": 4, "micro_batch": 3}}, "align: batch (4) must be a multiple of micro_batch (3)"),
        ({"judge": [{"function": {"call": "os:getcwd"}}]}, "'os:getcwd' returned str"),
        ({"arms": {"none": {}}}, "the first arm is the claim and must select something"),
    ],
)
def test_names_that_mean_nothing_are_2_before_any_work(thousand, lab, tmp_path, changes, said):
    code, _, err = thousand("run", written(tmp_path, recipe(lab, **changes)), "--out", tmp_path / "run")
    assert code == 2
    assert said in err
    assert not (tmp_path / "run").exists()


def test_a_missing_base_is_2_and_nothing_is_done(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, base=str(tmp_path / "no-base")))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 2
    assert f"base: there is no model at {tmp_path / 'no-base'}." in err
    assert "nothing is downloaded" in err
    assert not (tmp_path / "run").exists()


def test_a_budget_larger_than_the_pool_is_1_and_says_how_many_there_are(thousand, lab, tmp_path):
    arms = {"random-500": {"select": "random", "budget": 500}, "none": {}}
    path = written(tmp_path, recipe(lab, arms=arms))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 1
    assert "arms.random-500: 500 examples are asked for and there are 200 to choose from." in err
    assert "200 candidates" in err
    assert "Lower the budget" in err


def test_an_empty_pool_is_1_and_says_what_was_read(thousand, lab, tmp_path):
    lines(tmp_path / "pool.jsonl")
    path = written(tmp_path, recipe(lab, pool=[{"chat": str(tmp_path / "pool.jsonl")}]))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 1
    assert "The pool is empty" in err
    assert "chat:pool.jsonl" in err


def test_a_missing_pool_is_1_before_any_work(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, pool=[{"chat": str(tmp_path / "none.jsonl")}]))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 1
    assert str(tmp_path / "none.jsonl") in err
    assert not (tmp_path / "run").exists()


def test_a_broken_line_in_the_pool_is_rejected_and_counted_and_the_run_goes_on(thousand, lab, tmp_path):
    whole = (lab / "pool.jsonl").read_text(encoding="utf-8").splitlines()
    lines(tmp_path / "pool.jsonl", *whole[:50], '{"messages": [', *whole[50:100])
    path = written(tmp_path, recipe(lab, pool=[{"chat": str(tmp_path / "pool.jsonl")}]))
    code, out, _ = thousand("run", path, "--out", tmp_path / "run", "--json")
    assert code == 0
    pool = json.loads(out)["pool"]
    assert pool["read"] == 101
    assert sum(pool["rejected"].values()) == 1
    [row] = tables.read(tmp_path / "run" / "rejected").to_pylist()
    assert (row["origin"], row["raw"]) == ("pool.jsonl:51", '{"messages": [\n')


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pool": [{"chat": "."}]}, "is a folder"),
        ({"judge": [{"verdicts": "none.jsonl"}]}, "There is no file of verdicts at none.jsonl."),
        ({"knowledge": "none.jsonl"}, "There is no file none.jsonl."),
    ],
)
def test_files_that_cannot_be_used_are_1_before_any_work(thousand, lab, tmp_path, monkeypatch, changes, said):
    monkeypatch.chdir(tmp_path)
    code, _, err = thousand("run", written(tmp_path, recipe(lab, **changes)), "--out", tmp_path / "run")
    assert code == 1
    assert said in err
    assert not (tmp_path / "run").exists()


def test_a_bad_prompt_is_1_with_its_line_before_any_work(thousand, lab, tmp_path):
    lines(tmp_path / "prompts.jsonl", {"prompt": "What is it?"}, {"prompt": 3})
    path = written(tmp_path, recipe(lab, prompts={"test": str(tmp_path / "prompts.jsonl")}))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 1
    assert f"{tmp_path / 'prompts.jsonl'}:2: prompt: " in err
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_is_1(thousand, lab, tmp_path):
    (tmp_path / "file").write_text("in the way")
    path = written(tmp_path, recipe(lab))
    for out in (tmp_path / "file" / "run", Path("/proc/thousand/run")):
        code, _, err = thousand("run", path, "--out", out)
        assert code == 1
        assert f"Writing to {out} failed: " in err
        assert "choose another --out" in err


def test_a_disk_that_fills_up_is_1_and_the_same_command_goes_on_afterwards(thousand, lab, tmp_path):
    """No file may grow beyond 200 kB: curation fits, a model does not. Without the limit the same command finishes."""
    path = written(tmp_path, recipe(lab))
    program = (
        "import resource, signal, sys; from thousand import cli\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "sys.argv = ['thousand', *sys.argv[1:]]; cli.main()"
    )
    command = [sys.executable, "-c", program, "run", str(path), "--out", str(tmp_path / "run")]
    full = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert full.returncode == 1, full.stderr
    assert "Traceback" not in full.stderr
    assert f"Writing to {tmp_path / 'run'} failed: " in full.stderr
    assert "File too large" in full.stderr
    assert "the same command goes on from there" in full.stderr
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 0
    assert "gather: already done" in err


def test_two_runs_in_one_directory_are_kept_apart(thousand, lab, tmp_path):
    from thousand.manifest import locked

    path = written(tmp_path, recipe(lab))
    with locked(tmp_path / "run"):
        code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == 1
    assert "Another process is at work in" in err


def test_prompts_in_the_training_set_are_said_in_the_verdict(thousand, lab, tmp_path):
    """With the rule switched off the rows stay; they are counted, and the verdict begins with them."""
    held_out = make_prompts(world())[:2]
    planted = [
        {"prompt": each.text, "response": "The archive is clear about that, and has been for a long time. " * 8} for each in held_out
    ]
    rows = (lab / "pool.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    lines(tmp_path / "pool.jsonl", *rows, *planted)
    pool = [{"chat": str(tmp_path / "pool.jsonl")}]
    path = written(tmp_path, recipe(lab, pool=pool, curate={"rules": {"contamination": None, "resembles_prompt": None}}))
    code, out, _ = thousand("run", path, "--out", tmp_path / "run", "--json")
    assert code == 0
    summary = json.loads(out)
    assert summary["contamination"]["training_rows"]["longest-8"] == 2
    assert summary["verdict"]["contaminated"]
    assert summary["verdict"]["sentence"].startswith("Contaminated: 2 examples of longest-8")

    path = written(tmp_path, recipe(lab, pool=pool))  # with the rule in force they are dropped
    code, out, _ = thousand("run", path, "--out", tmp_path / "clean", "--json")
    assert code == 0
    summary = json.loads(out)
    assert not summary["verdict"]["contaminated"]
    assert summary["contamination"] | {"words": 8} == {"checked": True, "words": 8, "pool_rows": 2, "training_rows": {}}


def test_the_verbs_one_by_one_do_what_a_run_does(thousand, lab, tmp_path):
    """gather, curate, select, align, answer, judge: each reads what the one before it wrote."""
    work = {name: tmp_path / name for name in ("candidates", "curate", "selection.parquet", "model", "a.parquet", "b.parquet", "v.parquet")}

    def told(*arguments):
        code, out, err = thousand(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    assert told("gather", f"chat={lab / 'pool.jsonl'}", "--out", work["candidates"])["kept"] == 200
    curated = told("curate", work["candidates"], "--out", work["curate"], "--prompts", lab / "prompts.jsonl")
    assert curated["candidates"] == 200
    assert curated["kept"] < 200
    chosen = ("select", work["candidates"], work["curate"] / "ledger.parquet", "--budget", 8, "--strategy", "longest")
    assert told(*chosen, "--out", work["selection.parquet"])["examples"] == 8
    settings = ("--set", "steps=2", "--set", "batch=4", "--set", "residual_dropout=0", "--set", "checkpoints=false")
    assert told("align", work["selection.parquet"], "--base", SHIPPED, "--out", work["model"], *settings)["steps"] == 2
    decoding = ("--set", "temperature=0", "--set", "max_tokens=8")
    for model, out in ((work["model"], "a.parquet"), (SHIPPED, "b.parquet")):
        assert told("answer", model, "--prompts", lab / "prompts.jsonl", "--out", work[out], *decoding)["answers"] == 4
    result = told("judge", f"tuned={work['a.parquet']}", f"base={work['b.parquet']}", "--by", "longest", "--out", work["v.parquet"])
    assert result["verdicts"] == 8  # four prompts, both orders
    [duel] = result["duels"]
    assert (duel["a"], duel["b"], duel["wins"]["net"]["n"]) == ("tuned", "base", 4)
    assert duel["bias"]["longer"]["value"] in (None, 1.0)
    again = told("judge", "--verdicts", work["v.parquet"])
    assert again["duels"][0]["wins"] == duel["wins"]
    assert again["duels"][0]["bias"]["longer"]["value"] is None  # the answers are not at hand


def test_two_files_of_outputs_are_compared_without_a_run(thousand, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, word in (("ours", "word "), ("theirs", "longer word ")):
        lines(tmp_path / f"{name}.jsonl", *({"instruction": f"Task {n}", "output": word * n} for n in range(1, 9)))
    lines(tmp_path / "few.jsonl", {"instruction": "Task 1", "output": "one"}, {"instruction": "Task 99", "output": "none"})
    lines(tmp_path / "others.jsonl", {"instruction": "Another", "output": "one"})
    code, out, _ = thousand("judge", "--compare", "ours.jsonl", "theirs.jsonl")
    assert code == 0
    assert "ours against theirs  wins / ties / losses  0 /  0 / 100" in out.replace("\N{FIGURE SPACE}", " ")
    assert not list(tmp_path.glob("*.parquet"))
    code, out, err = thousand("judge", "--compare", "ours.jsonl", "few.jsonl", "--out", "v.csv", "--json")
    assert code == 0
    assert json.loads(out)["duels"][0]["wins"]["net"]["n"] == 1
    assert "8 answers are of only one of ours and few" in err
    assert thousand("judge", "--verdicts", "v.csv")[0] == 0
    code, out, _ = thousand("judge", "--compare", "ours.jsonl", "theirs.jsonl", "--preview")
    assert (code, "16 questions" in out) == (0, True)
    for given, said in (
        (("--compare", "ours.jsonl", "others.jsonl"), "answer no prompt in common"),
        (("ours=ours.jsonl",), "Give two ARM=ANSWERS"),
        ((), "Give two ARM=ANSWERS"),
        (("--verdicts", "v.csv", "--by", "longest"), "--verdicts asks nobody"),
        (("--verdicts", "nowhere.jsonl"), "nowhere.jsonl"),
        (("--verdicts", "v.csv", "--verdicts", "v.csv"), "twice"),
        (("--compare", "ours.jsonl", "nowhere.jsonl"), "nowhere.jsonl"),
    ):
        code, _, err = thousand("judge", *given)
        assert code in (1, 2)
        assert said in err


def test_a_model_is_talked_to_line_by_line(thousand, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Who?\nWhere?\n"))
    code, out, _ = thousand("chat", SHIPPED, "--set", "max_tokens=8", "--set", "repetition_penalty=1", "--json")
    assert code == 0
    assert [json.loads(line)["question"] for line in out.splitlines()] == ["Who?", "Where?"]


def test_the_launchers_settings_are_where_it_says(thousand):
    code, out, _ = thousand("accelerate", "fsdp2")
    assert (code, Path(out.strip()).is_file()) == (0, True)
    code, _, err = thousand("accelerate", "fsdp3")
    assert code == 2
    assert "There are: " in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("gather", "pool.jsonl"), 2, "Write FORM=PATH"),
        (("gather", "chat=/nowhere/pool.jsonl"), 1, "/nowhere/pool.jsonl"),
        (("curate", "/nowhere/candidates"), 1, "/nowhere/candidates"),
        (("select", "/nowhere/c", "/nowhere/l", "--budget", "3", "--strategy", "best"), 2, "'best' is not known"),
        (("select", "/nowhere/c", "/nowhere/l", "--budget", "0"), 2, "greater than 0"),
        (("align", "/nowhere/s.parquet", "--base", str(SHIPPED)), 1, "/nowhere/s.parquet"),
        (("align", "/nowhere/s.parquet", "--base", str(SHIPPED), "--set", "step=3"), 2, "--set step"),
        (("align", "/nowhere/s.parquet", "--base", str(SHIPPED), "--set", "steps"), 2, "is not NAME=VALUE"),
        (("answer", "/nowhere/model", "--prompts", "/nowhere/p.jsonl"), 1, "/nowhere/p.jsonl"),
        (("answer", str(SHIPPED), "--prompts", "/nowhere/p.jsonl", "--set", "top_p=2"), 2, "--set top_p"),
        (("judge", "a=/nowhere/a.parquet", "--by", "longest"), 1, "/nowhere/a.parquet"),
        (("judge", "a=/nowhere/a.parquet", "--by", "[1, 2]"), 2, "--by"),
        (("judge", "a=/nowhere/a.parquet", "--by", "{longest: "), 2, "--by"),
        (("judge", "/nowhere/a.parquet", "--by", "longest"), 2, "ARM=ANSWERS"),
        (("align", "notes.parquet", "--base", str(SHIPPED)), 1, "notes.parquet has no column messages."),
        (("judge", "a=notes.parquet", "--by", "longest"), 1, "no column prompt_id"),
        (("gather", f"chat={__file__}"), 1, "not a kind of file this source reads"),
        (("report", "."), 1, "is not a summary of this version"),
        (("report", "/nowhere/run"), 1, "There is no finished run in /nowhere/run."),
        (("lab", "build", "--variant", "cleaner"), 2, "There are: realistic, clean, topics, leaked."),
    ],
)
def test_a_verb_says_what_is_wrong_with_its_input(thousand, tmp_path, monkeypatch, arguments, code, said):
    tables.write(tmp_path / "notes.parquet", pa.table({"note": ["not what a verb reads"]}))
    (tmp_path / "summary.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    found, _, err = thousand(*arguments)
    assert found == code, err
    assert said in " ".join(err.split())
    assert "Traceback" not in err


def test_a_verb_by_itself_says_when_it_cannot_write(thousand, lab):
    code, _, err = thousand("gather", f"chat={lab / 'pool.jsonl'}", "--out", "/proc/thousand")
    assert code == 1
    assert "/proc/thousand" in err
    assert "room on the disk" in err


def test_an_interrupt_is_130_and_says_how_to_go_on(thousand, lab, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("thousand.gather.gather", interrupted)
    code, _, err = thousand("gather", f"chat={lab / 'pool.jsonl'}")
    assert code == 130
    assert "the same command goes on from there" in err


def test_a_folder_that_is_no_laboratory_is_left_alone(thousand, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    code, _, err = thousand("lab", "build", tmp_path)
    assert code == 1
    assert "is not empty and is not a laboratory" in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_run_can_stop_with_the_ledger_and_its_books_balance(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab))
    code, out, _ = thousand("run", path, "--out", tmp_path / "run", "--until", "curate", "--engine", "here", "--json")
    pool = json.loads(out)
    lines_in_the_file = (lab / "pool.jsonl").read_text(encoding="utf-8").count("\n")
    assert code == 0
    assert pool["read"] == pool["kept"] + pool["dropped"] + pool["rejected"] == lines_in_the_file
    assert not (tmp_path / "run" / "arms").exists()
    code, out, _ = thousand("run", path, "--out", tmp_path / "run", "--until", "curate")
    assert f"{pool['read']:,} rows read = {pool['kept']:,} kept" in out
    assert thousand("run", path, "--until", "judge")[0] == cli.WRONG_RECIPE
    assert thousand("run", path, "--engine", "cloud")[0] == cli.WRONG_RECIPE


def test_the_life_of_a_candidate_is_told_on_paper_and_to_machines(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab))
    assert thousand("run", path, "--out", tmp_path / "run", "--until", "curate")[0] == 0
    folder = tmp_path / "run" / "curate"
    dropped = next(row for row in tables.read(folder / "ledger.parquet").to_pylist() if not row["kept"])
    code, out, _ = thousand("curate", tmp_path / "run" / "candidates", "--out", folder, "--explain", dropped["id"], "--json")
    assert code == 0
    assert json.loads(out)["reasons"] == dropped["reasons"]
    code, out, _ = thousand("curate", tmp_path / "run" / "candidates", "--out", folder, "--explain", dropped["id"])
    assert f"dropped: {', '.join(dropped['reasons'])}" in out
    assert thousand("curate", "nowhere", "--out", folder, "--explain", "none")[0] == cli.FAILED


def test_answers_longer_than_the_base_can_hold_are_said_before_anything_is_done(thousand, lab, tmp_path):
    path = written(tmp_path, recipe(lab, answer={"max_tokens": 4096}))
    code, _, err = thousand("run", path, "--out", tmp_path / "run")
    assert code == cli.FAILED
    assert "4,096 tokens were asked for" in err
    assert not (tmp_path / "run" / "candidates").exists()


def test_a_base_is_answered_behind_a_selections_first_examples_and_trained_on_a_files_pairs(thousand, lab, tmp_path):
    rows = [{"rank": rank, "messages": chat(f"Question {rank}?", f"Answer {rank}.")} for rank in (2, 1, 3)]
    table = pa.table({"rank": [each["rank"] for each in rows], "messages": pa.array([each["messages"] for each in rows], tables.MESSAGES)})
    tables.write(tmp_path / "s.parquet", table)
    asked = ("answer", SHIPPED, "--prompts", lab / "prompts.jsonl", "--out", tmp_path / "a.parquet", "--set", "max_tokens=4")
    code, said, _ = thousand(*asked, "--in-context", tmp_path / "s.parquet", "--first", "2", "--json")
    assert code == 0
    assert (json.loads(said)["examples"], json.loads(said)["fewest"], json.loads(said)["fewer"]) == (2, 2, 0)
    assert set(tables.read(tmp_path / "a.parquet")["shown"].to_pylist()) == {2}

    pairs = [{"prompt": f"What is {i}?", "chosen": f"It is {i}.", "rejected": "No."} for i in range(4)]
    file = lines(tmp_path / "pairs.jsonl", *pairs, {"prompt": "?"})
    short = ("--set", "steps=1", "--set", "batch=2", "--set", "dpo={epochs: 1}", "--set", "checkpoints=false")
    command = ("align", file, "--base", SHIPPED, "--out", tmp_path / "model", *short)
    code, said, told = thousand(*command, "--preferences", "--budget", "3")
    assert code == 0
    assert "Aligned on 3 pairs in 1 steps on what was chosen and 2 of preferences" in said
    assert "5 rows read = 4 pairs + 1 rejected (expected text, found nothing 1)" in told
    assert (tmp_path / "model" / "alignment.json").is_file()
    code, _, told = thousand(*command, "--budget", "3")
    assert code == 2
    assert "--preferences" in told
