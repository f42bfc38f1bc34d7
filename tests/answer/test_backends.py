"""Backends: found by name, honest about what they cannot do, and a server's answers like any other's."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from datetime import date
from types import SimpleNamespace

import huggingface_hub
import pyarrow as pa
import pytest

from tests.answer.test_answer import SHORT, prompts
from tests.served import Says, Server, transformers_server
from tests.small import SHIPPED, chat, shipped
from thousand import registry, tables
from thousand.answer import answer, check, preview
from thousand.answer.answer import BACKENDS
from thousand.endpoint import CapReached
from thousand.errors import DataError, RecipeError
from thousand.recipe import Answer

PRICED = {"prompt_price": 1.0, "completion_price": 10.0}


def served(url, **options):
    own = {name: options.pop(name) for name in list(options) if name in Answer.model_fields}
    return Answer(**({"repetition_penalty": 1.0, "max_tokens": 50} | own), backend={"openai": {"base_url": url, **options}})


def asking(*conversations):
    rows = [{"prompt_id": f"p{i}", "messages": each} for i, each in enumerate(conversations)]
    return pa.Table.from_pylist(rows, tables.PROMPTS)


def ended(reason, text="so far"):
    choice = {"finish_reason": reason, "message": {"role": "assistant", "content": text}}
    return Says(body=json.dumps({"choices": [choice], "usage": {"completion_tokens": 7}}).encode())


def test_there_are_three_backends_and_another_is_told_of_them():
    assert registry.names(BACKENDS) == ["openai", "transformers", "vllm"]
    with pytest.raises(RecipeError, match=r"answer\.backend: 'vlm' is not known\.\s+Did you mean 'vllm'\? There are: openai, transformers"):
        check(Answer(backend="vlm"))
    with pytest.raises(RecipeError, match=r"answer\.backend\.transformers\.bits: there is no such option"):
        check(Answer(backend={"transformers": {"bits": 4}}))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"repetition_penalty": 1.2},
            r"repetition_penalty: 1\.2 cannot be honoured by the backend openai.*\s+Set repetition_penalty: 1",
        ),
        ({"plain": "Q: {prompt}"}, r"plain: 'Q: \{prompt\}' cannot be honoured .*\s+Leave plain out"),
        ({"batch": 8}, r"batch: 8 cannot be honoured .*\s+Leave batch out; concurrency"),
        ({"too_long": "cut"}, r"too_long: 'cut' cannot be honoured .*\s+Leave too_long out"),
        ({"repetition_penalty": 1.2, "extra": {"repetition_penalty": None}}, r"repetition_penalty: 1\.2 cannot be honoured"),
        ({"extra": {"since": date(2024, 5, 1)}}, r"settings: since: it cannot be sent as JSON"),
        ({"cap": 1.0}, "cap: without prices"),
        ({"prompt_price": 1.0}, "one is missing"),
        ({"key": "sk-123"}, "it must name an environment variable"),
    ],
)
def test_what_a_server_cannot_honour_is_refused_before_anything_is_asked(settings, said):
    with pytest.raises(RecipeError, match=said):
        check(served("http://localhost:1/v1", **settings))


def test_a_run_cannot_ask_a_server_for_the_models_it_trains():
    check(Answer(), folders=True)
    with pytest.raises(RecipeError, match="openai asks a server, which does not have the models that a run trains"):
        check(served("http://localhost:1/v1"), folders=True)


def test_vllm_refuses_a_penalty_that_it_would_put_on_the_prompt_too():
    with pytest.raises(RecipeError, match=r"repetition_penalty: 1\.2 cannot .* vllm: .* the prompt too\.\s+Set repetition_penalty: 1"):
        check(Answer(backend="vllm"))


def test_vllm_says_when_it_is_not_installed():
    if importlib.util.find_spec("vllm"):
        pytest.skip("vLLM is installed")
    with pytest.raises(RecipeError, match=r"vLLM is not installed\.\s+Install it with `pip install thousand\[vllm\]`"):
        check(Answer(backend="vllm", repetition_penalty=1.0))


class StandIn:
    """The part of vLLM's interface that is used, as its documentation has it; what it says is always the same."""

    class SamplingParams:
        def __init__(self, *, temperature, top_p, max_tokens, seed, stop_token_ids):
            self.max_tokens, self.seed, self.stops = max_tokens, seed, stop_token_ids

    class LLM:
        def __init__(self, model, *, max_model_len, max_num_seqs, generation_config, **others):
            assert (generation_config, max_num_seqs, others["tensor_parallel_size"]) == ("vllm", 2, 1)
            self.longest = max_model_len

        def generate(self, prompts, sampling_params, *, use_tqdm):
            for prompt, sampling in zip(prompts, sampling_params, strict=True):
                assert len(prompt["prompt_token_ids"]) + sampling.max_tokens <= self.longest
            assert len({each.seed for each in sampling_params}) == len(prompts)
            said = [(" ended ", [5, 6, *sampling_params[0].stops[:1]], "stop"), (" not", [5] * 10, "length")]
            outputs = [SimpleNamespace(text=text, token_ids=ids, finish_reason=why) for text, ids, why in said]
            return [SimpleNamespace(outputs=[outputs[i % 2]]) for i in range(len(prompts))]


def test_what_vllm_says_becomes_rows_like_any_other(monkeypatch):
    """vLLM itself cannot be had here: this holds our side of its interface together."""
    monkeypatch.setitem(sys.modules, "vllm", StandIn)
    own = {"repetition_penalty": 1.0, "max_tokens": 10, "batch": 2}
    long = asking(chat("What?"), chat("Who?"), chat("and so on " * 400))
    rows = answer(SHIPPED, long, Answer(**own, backend="vllm")).to_pylist()
    assert [(row["answer"], row["stop"], row["tokens"], row["cut"]) for row in rows] == [
        ("ended", "end_of_turn", 2, False),
        ("not", "limit", 10, False),
        ("ended", "end_of_turn", 2, True),
    ]
    assert all(row["seconds"] > 0 for row in rows)
    refused = answer(SHIPPED, long, Answer(**own, backend="vllm", too_long="error")).to_pylist()[2]
    assert (refused["answer"], refused["stop"]) == (None, "error")


def test_the_weights_precision_is_an_option_of_transformers():
    narrow = answer(SHIPPED, prompts(1), Answer(max_tokens=2, backend={"transformers": {"precision": "bfloat16"}}))
    assert set(narrow["stop"].to_pylist()) <= {"end_of_turn", "limit"}
    with pytest.raises(RecipeError, match=r"answer\.backend\.transformers\.precision"):
        check(Answer(backend={"transformers": {"precision": "int3"}}))


def test_a_name_is_found_in_the_cache_of_this_machine_and_nothing_is_downloaded(tmp_path, monkeypatch):
    snapshot = tmp_path / "models--lab--base" / "snapshots" / "abc"
    shutil.copytree(SHIPPED, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(snapshot.name)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    found = answer("lab/base", prompts(2), SHORT, seed=1)
    assert found.drop_columns("seconds").equals(answer(shipped(), prompts(2), SHORT, seed=1).drop_columns("seconds"))
    for missing in ("lab/other", "/no/such/folder", "..//x"):
        with pytest.raises(DataError, match=r"There is no model at .*\s+Give a folder .* nothing is downloaded here"):
            answer(missing, prompts(2), SHORT)


# A server


def test_the_settings_and_a_seed_for_each_sample_are_sent(tmp_path):
    with Server(lambda said, before: Says(f"{said}, answered")) as server:
        settings = served(server.url, temperature=0.3, top_p=0.8, samples=2, extra={"stop": ["x"], "top_p": None})
        table = answer("judge-1", asking(chat("a"), chat("b")), settings, seed=4, kept=tmp_path)
    assert table.schema.equals(tables.ANSWERS)
    assert table["answer"].to_pylist() == ["a, answered"] * 2 + ["b, answered"] * 2
    assert table["tokens"].to_pylist() == [10] * 4
    assert table["stop"].to_pylist() == ["end_of_turn"] * 4
    assert all(seconds > 0 for seconds in table["seconds"].to_pylist())
    sent = server.bodies[0]
    assert {name: sent[name] for name in ("model", "temperature", "max_tokens", "stop")} == {
        "model": "judge-1",
        "temperature": 0.3,
        "max_tokens": 50,
        "stop": ["x"],
    }
    assert "top_p" not in sent
    assert len({body["seed"] for body in server.bodies}) == 4


def test_why_a_server_stopped_is_told_in_our_words(tmp_path):
    says = {"a": ended("stop"), "b": ended("length"), "c": ended("content_filter"), "d": ended(None), "e": ended("stop", None)}
    says["f"] = Says(status=400, body=b'{"error": {"message": "the prompt is too long"}}')
    with Server(lambda said, before: says[said]) as server:
        rows = answer("m", asking(*(chat(each) for each in says)), served(server.url), kept=tmp_path).to_pylist()
    assert [row["stop"] for row in rows] == ["end_of_turn", "limit", "error", None, "error", "error"]
    assert [row["answer"] for row in rows] == ["so far", "so far", None, "so far", None, None]  # what was cut off is no answer
    assert [row["tokens"] for row in rows] == [7] * 4 + [None] * 2
    assert [row["reason"] for row in rows[:2]] == [None, None]
    for row, word in zip(rows[2:], ("content_filter", "does not say", "no text", "too long"), strict=True):
        assert word in row["reason"]


def test_dialogues_go_turn_by_turn_through_a_server(tmp_path):
    two = [{"role": "user", "content": each} for each in ("one", "two")]
    with Server(lambda said, before: Says(said.upper())) as server:
        row = answer("m", asking(two, chat("alone")), served(server.url), kept=tmp_path).to_pylist()[0]
    assert row["answer"] == "TWO"
    assert [each["content"] for each in row["turns"]] == ["one", "ONE", "two", "TWO"]
    assert server.bodies[-1]["messages"] == row["turns"][:3]
    assert row["tokens"] == 20


def test_nothing_is_asked_twice_and_the_cap_holds(tmp_path):
    table = asking(*(chat(f"question {i}") for i in range(10)))
    with Server(lambda said, before: Says()) as server:
        priced = {**PRICED, "concurrency": 1, "cache": str(tmp_path / "paid")}
        with pytest.raises(CapReached):
            answer("m", table, served(server.url, **priced, cap=0.002))
        paid = len(server.asked)
        assert 0 < paid < 10
        rows = answer("m", table, served(server.url, **priced, cap=1.0)).to_pylist()
        assert len(server.asked) == 10
        assert [row["answer"] for row in rows] == ["4"] * 10
        answer("m", table, served(server.url, **priced))
        assert len(server.asked) == 10


def test_another_server_is_asked_anew_though_its_model_has_the_same_name(tmp_path):
    with Server(lambda said, before: Says("one")) as one, Server(lambda said, before: Says("other")) as other:
        found = [
            answer("m", asking(chat("a")), served(url, cache=str(tmp_path)))["answer"].to_pylist()
            for url in (one.url, other.url, one.url, f"{other.url}/")
        ]
    assert found == [["one"], ["other"]] * 2
    assert (len(one.asked), len(other.asked)) == (1, 1)


def test_a_seed_of_null_is_not_sent_and_every_sample_is_asked(tmp_path):
    with Server(lambda said, before: Says(str(before))) as server:
        table = answer("m", asking(chat("a")), served(server.url, samples=2, extra={"seed": None}), kept=tmp_path)
    assert not any("seed" in body for body in server.bodies)
    assert sorted(table["answer"].to_pylist()) == ["0", "1"]


def test_a_preview_says_what_the_rest_will_cost(tmp_path):
    table = asking(*(chat(f"question {i}") for i in range(10)))
    with Server(lambda said, before: Says()) as server:
        expected = preview("m", table, served(server.url, **PRICED, samples=2), kept=tmp_path, sample=3)
        assert (expected.questions, len(server.asked)) == (20, 3)
        assert expected.cost == pytest.approx(20 * (100 * 1 + 10 * 10) / 1e6, rel=0.01)
        answer("m", table, served(server.url, **PRICED, samples=2), kept=tmp_path)
        assert len(server.asked) == 20
    with pytest.raises(RecipeError, match="transformers runs here and has no price"):
        preview(str(SHIPPED), table, Answer())


def test_answers_of_a_server_must_have_a_place_to_be_kept():
    with pytest.raises(RecipeError, match=r"cache: answers that may be paid for must be kept\.\s+Name a folder"):
        answer("m", asking(chat("a")), served("http://localhost:1/v1"))


def test_the_server_of_transformers_is_asked_like_any_other(tmp_path):
    url, model = transformers_server()
    table = answer(model, prompts(2), served(url, max_tokens=8, samples=2, concurrency=2), kept=tmp_path)
    assert table["prompt_id"].to_pylist() == [each for each in prompts(2)["prompt_id"].to_pylist() for _ in range(2)]
    assert all(table["answer"].to_pylist())
    assert set(table["stop"].to_pylist()) <= {"end_of_turn", "limit"}
    assert all(0 < tokens <= 8 for tokens in table["tokens"].to_pylist())
