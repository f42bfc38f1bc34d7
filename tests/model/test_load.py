"""Loading: from a folder only, with a pad token, and an error that says which folder and what to do."""

from __future__ import annotations

import shutil

import pytest
import torch

from tests.small import SHIPPED, STORIES, shipped
from thousand.errors import DataError
from thousand.model import load


def test_the_shipped_base_is_a_base():
    model = shipped()
    assert (model.folder, model.context, model.chats) == (SHIPPED, 512, False)
    assert not model.network.training
    assert {p.dtype for p in model.network.parameters()} == {torch.float32}  # shipped in half the bits, computed in full
    assert model.tokenizer.padding_side == "left"
    assert model.tokenizer.pad_token == "<|pad|>"


def test_precision_is_as_asked():
    assert {p.dtype for p in load(SHIPPED, precision="bfloat16").network.parameters()} == {torch.bfloat16}


def test_a_missing_folder_says_so_and_fetches_nothing(tmp_path):
    with pytest.raises(
        DataError, match=rf"There is no model at {tmp_path / 'none'}\.\s+Give a folder with config\.json.*nothing is downloaded"
    ):
        load(tmp_path / "none")
    with pytest.raises(DataError, match=r"There is no model at gpt2\."):
        load("gpt2")  # a name on a hub is not a folder


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", b'{"model', "not a valid JSON"),
        ("config.json", b"{}", "model_type"),
        ("config.json", b'{"model_type": "vit"}', "Unrecognized configuration class"),
        ("model.safetensors", None, "no file named model.safetensors"),
        ("model.safetensors", b"\x00" * 100, "header"),
        ("tokenizer.json", b'{"version": ', "cannot be loaded"),
    ],
)
def test_a_folder_that_holds_no_whole_model_is_named_with_the_reason(tmp_path, file, content, said):
    broken = shutil.copytree(SHIPPED, tmp_path / "broken")
    (broken / file).unlink()
    if content is not None:
        (broken / file).write_bytes(content)
    with pytest.raises(DataError) as error:
        load(broken)
    assert f"The model at {broken} cannot be loaded: " in str(error.value)
    assert said in str(error.value)
    assert len(str(error.value)) < 600  # transformers would list every model it knows


def test_weights_that_break_off_are_named(tmp_path):
    broken = shutil.copytree(SHIPPED, tmp_path / "broken")
    whole = (SHIPPED / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"broken cannot be loaded: .*incomplete"):
        load(broken)


def test_pickled_weights_are_not_opened(tmp_path):
    """Opening a pickle runs what is in it."""
    folder = shutil.copytree(SHIPPED, tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    torch.save(shipped().network.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"model\.safetensors"):
        load(folder)


def test_code_beside_the_weights_is_not_run(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "with-code")
    config = (
        (folder / "config.json").read_text().replace('"model_type": "llama"', '"model_type": "odd", "auto_map": {"AutoConfig": "odd.Odd"}')
    )
    (folder / "config.json").write_text(config)
    (folder / "odd.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Odd: ...\n")
    with pytest.raises(DataError, match="cannot be loaded"):
        load(folder)
    assert not (tmp_path / "ran").exists()


def test_a_tokenizer_without_a_pad_token_is_given_one_to_pad_with(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "padless")
    path = folder / "tokenizer_config.json"
    path.write_text(path.read_text().replace('"pad_token": "<|pad|>",', ""))
    tokenizer = load(folder).tokenizer
    assert tokenizer.pad_token == tokenizer.eos_token == "<|endoftext|>"


@pytest.mark.skipif(not STORIES.is_dir(), reason=f"no model at {STORIES}: shared/data belongs beside the repository")
def test_a_pretrained_llama_of_others_loads():
    model = load(STORIES)
    assert sum(p.numel() for p in model.network.parameters()) < 300_000
    assert model.tokenizer.pad_token is not None
    assert not model.chats
