"""Reward models: a classifier with one output gives each answer its number, whatever stands beside it in a batch."""

from __future__ import annotations

import pytest
import tokenizers
import torch
import transformers

from tests.small import SHIPPED, byte_tokenizer, chat
from thousand.errors import DataError
from thousand.model.rewarding import load_reward_model, rewards

TEMPLATE = "{% for m in messages %}<|s|>{{ m['role'][0] }}{{ m['content'] }}{% endfor %}"
SHAPE = {"initializer_range": 0.5, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
SAID = [chat("a question", "an answer"), chat("?", "no"), chat("one", "two", "three " * 4, "four"), chat("<|s|>", "what of <|s|>")]


def saved(folder, *, family="llama", template=TEMPLATE, **changes):
    tokenizer = byte_tokenizer("<|e|>", "<|s|>", "<|pad|>")
    tokenizer.chat_template = template
    shape = SHAPE | {"vocab_size": len(tokenizer), "max_position_embeddings": 64, "num_labels": 1} | changes
    torch.manual_seed(3)
    network = transformers.AutoModelForSequenceClassification.from_config(transformers.AutoConfig.for_model(family, **shape))
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def by_itself(model, ids):
    with torch.inference_mode():
        return model.network(input_ids=torch.tensor([ids])).logits[0, 0].item()


@pytest.mark.parametrize("pad", [None, 2, 0])
def test_a_reward_is_that_of_the_conversation_by_itself(tmp_path, pad):
    """Whether the model names no token to pad with, one of its own, or the one that ends texts."""
    model = load_reward_model(saved(tmp_path, pad_token_id=pad))
    found = rewards(model, SAID)
    texts = [rendered(messages) for messages in SAID]
    alone = [by_itself(model, model.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]
    assert [each.value for each in found] == pytest.approx(alone, abs=1e-5)
    assert len({round(each.value, 4) for each in found}) == 4
    assert [each.value for each in rewards(model, SAID, tokens=1)] == pytest.approx(alone, abs=1e-5)
    assert [each.value for each in rewards(model, SAID[::-1])] == pytest.approx(alone[::-1], abs=1e-5)


def rendered(messages):
    return "".join(f"<|s|>{each['role'][0]}{each['content'].replace('<|s|>', '< |s|>')}" for each in messages)


def test_without_a_chat_template_prompt_and_answer_are_a_pair_that_the_model_tells_apart(tmp_path):
    model = load_reward_model(saved(tmp_path, family="bert", template=None, pad_token_id=2))
    pair = "<|e|> $A <|s|> $B:1"
    model.tokenizer.backend_tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A", pair=pair, special_tokens=[("<|e|>", 0), ("<|s|>", 1)]
    )
    found = rewards(model, [chat("a question", "an answer"), chat("why", "no"), chat("a question", "a swer")])
    first, second = (model.tokenizer(text)["input_ids"] for text in ("a question", "an answer"))
    ids, types = [0, *first, 1, *second], [0] * (len(first) + 2) + [1] * len(second)
    with torch.inference_mode():
        whole = model.network(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits[0, 0].item()
    assert found[0].value == pytest.approx(whole, abs=1e-5)
    assert found[0].value != pytest.approx(by_itself(model, ids), abs=1e-3)
    assert len({round(each.value, 3) for each in found}) == 3


def test_what_does_not_fit_or_is_refused_has_no_reward_and_says_why(tmp_path):
    refuses = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE
    model = load_reward_model(saved(tmp_path, template=refuses))
    done = []
    found = rewards(
        model, [chat("q", "x" * 100), [{"role": "system", "content": "s"}, *chat("q", "a")], chat("q", "a")], finished=done.append
    )
    assert [each.value is None for each in found] == [True, True, False]
    assert found[0].why == "longer than the model's context of 64 tokens"
    assert found[1].why == "the chat template refuses it: no system"
    assert done == [3]


def test_what_is_no_reward_model_is_refused(tmp_path):
    with pytest.raises(DataError, match="There is no model at"):
        load_reward_model(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"is no reward model: it has no score\.weight"):
        load_reward_model(SHIPPED)
    with pytest.raises(DataError, match="gives 3 numbers; a reward model gives one"):
        load_reward_model(saved(tmp_path, num_labels=3))
