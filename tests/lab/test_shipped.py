"""The base in the package: of the world it says, small enough, and it knows its facts."""

from __future__ import annotations

import itertools
import json

from tests.small import SHIPPED, shipped, world
from thousand.answer import knowledge
from thousand.lab.base import END_OF_TEXT, PAD, RESERVED
from thousand.lab.build import SHIPPED_SEED
from thousand.lab.corpus import documents
from thousand.lab.pool import make_pool
from thousand.lab.prompts import cloze, held_out_facts, make_prompts


def test_its_manifest_says_how_it_was_made():
    manifest = json.loads((SHIPPED / "pretraining.json").read_text(encoding="utf-8"))
    assert manifest["world_seed"] == SHIPPED_SEED == world().seed == 7
    assert manifest["made_by"] == "thousand lab build"
    assert manifest["parameters"] == sum(p.numel() for p in shipped().network.parameters())
    assert set(manifest["versions"]) == {"torch", "transformers", "tokenizers"}


def test_its_weights_are_safetensors_of_at_most_8_megabytes():
    assert (SHIPPED / "model.safetensors").stat().st_size <= 8_000_000
    assert not [path for path in SHIPPED.iterdir() if path.suffix in (".bin", ".pt", ".pkl", ".py")]
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 9_000_000


def test_it_knows_at_least_95_percent_of_the_held_out_facts():
    known = knowledge(shipped(), [cloze(fact) for fact in held_out_facts(world())])["known"].to_pylist()
    assert len(known) == 144
    assert sum(known) >= 0.95 * len(known)


def test_its_knowledge_is_of_this_world_and_no_other():
    known = knowledge(shipped(), [cloze(fact) for fact in held_out_facts(world(11))[:40]])["known"].to_pylist()
    assert sum(known) <= 0.3 * len(known)


def test_its_tokenizer_gives_back_every_text_it_may_meet():
    tokenizer = shipped().tokenizer
    texts = [*itertools.islice(documents(world(), 5), 200), *(each.text for each in make_prompts(world()))]
    texts += [text for each in make_pool(world(), 0, 100)[0] for text in (each.prompt, each.response)]
    texts += ["caf\u00e9 \u2603 \U0001f600", "two  spaces\nand a line", "{{ braces }} <tags> 1e-5"]
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids).removeprefix(" ") == text
        assert not set(ids) & set(tokenizer.all_special_ids)


def test_its_special_tokens_are_single_and_the_reserved_one_is_free():
    tokenizer = shipped().tokenizer
    ids = tokenizer.convert_tokens_to_ids([END_OF_TEXT, PAD, RESERVED])
    assert ids == [0, 1, 2]
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (END_OF_TEXT, END_OF_TEXT, PAD)
    assert tokenizer(END_OF_TEXT + RESERVED, add_special_tokens=False)["input_ids"] == [0, 2]
    assert shipped().network.config.vocab_size == len(tokenizer) == 2048
    assert shipped().network.generation_config.eos_token_id == 0
