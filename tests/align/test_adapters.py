"""Adapters: nothing of the base learns but the row of the end of turn, and the merged model is a model like any other."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest
import torch

from tests.align.families import ANSWERS, SAID, greedy, write_base
from thousand import tables
from thousand.align import align
from thousand.align.adapters import attach, load_base, save
from thousand.errors import RecipeError
from thousand.model import load, prepare
from thousand.model.chat import encode
from thousand.recipe import Adapter, Align

peft = pytest.importorskip("peft")

IDS = torch.arange(242, 258).reshape(2, 8)  # the last is the end of turn
SMALL = Adapter(dropout=0.0)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    # Weights wide enough that what is frozen, the last layer above all, can tell one token from another.
    return {
        name: write_base(folder / name, name, initializer_range=0.1)
        for name in ("llama", "llama tied", "gpt2", "gemma3_text", "mixtral", "phi")
    }


def adapted(base, settings=SMALL, seed=0):
    model = load_base(base, settings)
    prepare(model)
    return attach(model, settings, seed=seed)


def learnable(model):
    return {name: each for name, each in model.network.named_parameters() if each.requires_grad}


def learn(model, steps, rate=1e-2):
    """The ten examples, in a plain loop."""
    examples = encode(model, SAID, loss_on="responses", max_tokens=64, too_long="cut").examples
    width = max(len(each.tokens) for each in examples)
    ids = torch.tensor([each.tokens + [model.tokenizer.pad_token_id] * (width - len(each.tokens)) for each in examples])
    labels = torch.tensor([each.labels + [-100] * (width - len(each.labels)) for each in examples])
    optimizer = torch.optim.AdamW(learnable(model).values(), lr=rate, weight_decay=0.0)
    model.network.train()
    for _ in range(steps):
        optimizer.zero_grad()
        model.network(input_ids=ids, attention_mask=(ids != model.tokenizer.pad_token_id).long(), labels=labels).loss.backward()
        optimizer.step()
    model.network.eval()


def logits(network):
    with torch.no_grad():
        return network(input_ids=IDS).logits


@pytest.mark.parametrize(
    ("name", "rows"), [("llama", {"model.embed_tokens", "lm_head"}), ("llama tied", {"model.embed_tokens"}), ("gpt2", {"transformer.wte"})]
)
def test_adapters_and_the_row_of_the_end_of_turn_learn_and_nothing_else(bases, name, rows):
    model = adapted(bases[name])
    before = {key: each.clone() for key, each in model.network.state_dict().items()}
    learn(model, steps=2)
    changed = {key for key, each in model.network.state_dict().items() if not torch.equal(each, before[key])}
    tokens = {key for key in changed if ".lora_" not in key}
    assert {key.removeprefix("base_model.model.").partition(".token_adapter.")[0] for key in tokens} >= rows
    assert all("trainable_tokens_delta" in key for key in tokens)
    assert all(each.shape == (1, 32) for key, each in learnable(model).items() if "trainable_tokens" in key)
    assert changed > tokens


def test_a_seed_decides_the_weights_and_disturbs_no_other_draw(bases):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model = load_base(bases["llama"], SMALL)
    state = torch.get_rng_state()
    attach(model, SMALL, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), expected)
    some, same, other = (list(learnable(adapted(bases["llama"], seed=seed)).values()) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(some, same, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(some, other, strict=True))


@pytest.mark.parametrize("name", ["llama", "llama tied"])
def test_an_end_of_turn_whose_row_says_nothing_is_learnt(bases, name, tmp_path):
    """With adapters alone not one answer ends, however long they learn."""
    model = load_base(bases[name], SMALL)
    stop = prepare(model)
    with torch.no_grad():
        model.network.get_input_embeddings().weight[stop] = model.network.get_output_embeddings().weight[stop] = 0.0
    model = attach(model, SMALL)
    learn(model, steps=100)
    answers = greedy(model)
    assert [each.stop for each in answers] == ["end_of_turn"] * 10
    assert [each.text for each in answers] == ANSWERS
    save(model, tmp_path, "float32")
    assert greedy(load(tmp_path)) == answers


@pytest.mark.parametrize("name", ["llama", "llama tied", "gpt2", "gemma3_text", "mixtral"])
def test_the_merged_model_says_the_same_and_so_does_the_adapter_on_its_base(bases, name, tmp_path):
    model = adapted(bases[name])
    untrained = logits(model.network)
    learn(model, steps=10)
    before = {key: each.clone() for key, each in model.network.state_dict().items()}
    save(model, tmp_path, "float32")
    assert all(torch.equal(each, before[key]) for key, each in model.network.state_dict().items())  # training may go on
    merged, trained = load(tmp_path), logits(model.network)
    assert (trained - untrained).abs().max() > 0.1
    torch.testing.assert_close(logits(merged.network), trained, atol=1e-4, rtol=1e-4)
    assert greedy(merged) == greedy(model)
    assert merged.network.state_dict().keys() == load(bases[name]).network.state_dict().keys()
    alone = peft.AutoPeftModelForCausalLM.from_pretrained(tmp_path / "adapter").eval()
    written = model.tokenizer.pad_token_id  # all but the last row, the pad token's, of which the adapter knows nothing
    torch.testing.assert_close(logits(alone)[..., :written], trained[..., :written], atol=1e-5, rtol=1e-5)


def test_what_is_saved_is_the_same_each_time_and_names_the_stop_token(bases, tmp_path):
    for name in "ab":
        torch.manual_seed(0)  # of the pad token's row
        save(adapted(bases["llama"]), tmp_path / name, "bfloat16")
    files = [
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()} for name in "ab"
    ]
    assert files[0] == files[1]
    assert not [path for path in files[0] if path.suffix == ".md"]
    stop = json.loads((tmp_path / "a" / "generation_config.json").read_text())["eos_token_id"]
    assert load(tmp_path / "a").tokenizer.eos_token_id == stop == 257
    assert json.loads((tmp_path / "a" / "config.json").read_text())["dtype"] == "bfloat16"


def test_layers_may_be_named(bases):
    model = adapted(bases["llama"], Adapter(targets=["q_proj", "v_proj"]))
    assert {key.split(".")[-4] for key in learnable(model) if ".lora_" in key} == {"q_proj", "v_proj"}
    model = adapted(bases["llama"], Adapter(targets="o_proj"))
    assert {key.split(".")[-4] for key in learnable(model) if ".lora_" in key} == {"o_proj"}


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("llama", {"targets": ["q_proj", "c_attn"]}, r"targets: 'c_attn' is no layer of this model\.\s+Say all-linear, or name"),
        ("llama", {"targets": "lm_head"}, r"'lm_head' is a layer of tokens: of those only the end of turn's row is trained"),
        ("llama tied", {"targets": "embed_tokens"}, r"'embed_tokens' is a layer of tokens"),
        ("mixtral", {"dropout": 0.05}, r"experts of a mixture lie in one tensor, .*: set adapter\.dropout to 0"),
        ("phi", {}, r"last layer of a model of type 'phi' has a bias, which peft leaves out\.\s+Train the whole model"),
    ],
)
def test_what_cannot_have_an_adapter_is_refused_with_what_to_do(bases, name, settings, said):
    with pytest.raises(RecipeError, match=said):
        adapted(bases[name], Adapter(**settings))


def test_without_peft_the_error_says_how_to_get_it_before_anything_is_loaded(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(RecipeError, match=r"need peft, which is not installed\.\s+Install it: pip install 'thousand\[adapters\]'"):
        load_base(tmp_path / "nowhere", SMALL)


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantised_base_needs_a_gpu_and_bitsandbytes(monkeypatch, tmp_path, bits):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RecipeError, match=rf"base in {bits} bits needs an NVIDIA GPU, and there is none here\.\s+Leave bits out"):
        load_base(tmp_path / "nowhere", Adapter(bits=bits))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(RecipeError, match=r"needs bitsandbytes, which is not installed\.\s+Install it: pip install bitsandbytes"):
        load_base(tmp_path / "nowhere", Adapter(bits=bits))


class Interruption(Exception):
    """The plug is pulled."""


def test_training_with_adapters_that_was_interrupted_ends_as_if_it_had_not_been(bases, tmp_path):
    """With the ramp, dropout in the adapters and activations that are computed twice."""
    settings = Align(batch=4, epochs=3, learning_rate=5e-3, residual_dropout=0.3, adapter=Adapter(rank=4), gradient_checkpointing=True)
    rows = pa.table({"messages": pa.array(SAID, tables.MESSAGES)})

    def unplugged(step, *_):
        if step == 5:  # in the second epoch of three steps each
            raise Interruption

    def train(name, **options):
        return align(rows, bases["llama"], tmp_path / name, settings, seed=2, checkpoints=tmp_path / f"{name} kept", **options)

    through = train("through")
    with pytest.raises(Interruption):
        train("resumed", progress=unplugged)
    seen = []
    resumed = train("resumed", progress=lambda step, *_: seen.append(step))
    assert seen == [4, 5, 6, 7, 8, 9]
    assert resumed.losses == through.losses
    assert tables.digest(tmp_path / "resumed") == tables.digest(tmp_path / "through")
    kept = tmp_path / "resumed kept" / "epoch-02"
    assert load(kept).network.state_dict().keys() == load(bases["llama"]).network.state_dict().keys()
    assert (kept / "adapter" / "adapter_model.safetensors").is_file()
