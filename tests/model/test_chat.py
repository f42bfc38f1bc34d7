"""How a base learns to talk: an end of turn after every utterance, and labels on what the assistant says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.small import SHIPPED, byte_tokenizer, chat, random_network, shipped
from thousand.errors import DataError
from thousand.model import END_OF_TURN, Model, load, prepare
from thousand.model.chat import IGNORED, as_prompt, encode, stop_tokens

SINGLE = chat("Who rules Orva?", "The ruler of Orva is Ma Lo.")
MULTI = [{"role": "system", "content": "Be brief."}, *chat("Who rules Orva?", "Ma Lo.", "Since when?", "Since the thaw.")]
PLAIN = "Question: {prompt} Answer:"


def small(*specials: str, tied: bool = True) -> Model:
    tokenizer = byte_tokenizer("<|endoftext|>", *specials)
    network = random_network(vocabulary=len(tokenizer), tie_word_embeddings=tied)
    network.generation_config.eos_token_id = 0
    return Model(Path("small"), network, tokenizer)


def talker(*specials: str) -> Model:
    model = small(*specials)
    prepare(model)
    return model


def encoded(model, *conversations, **changes):
    return encode(model, conversations, **{"loss_on": "responses", "max_tokens": 100, "too_long": "cut"} | changes)


def by_hand(model, messages):
    """Tokens and labels, turn by turn."""
    tokens, labels = [model.tokenizer.bos_token_id], [IGNORED]
    for message in messages:
        said = [*model.tokenizer(message["content"], add_special_tokens=False)["input_ids"], model.tokenizer.eos_token_id]
        tokens += said
        labels += said if message["role"] == "assistant" else [IGNORED] * len(said)
    return tokens, labels


def near(a, b):
    return torch.cosine_similarity(a, b, dim=0) > 0.97 and not torch.equal(a, b)


@pytest.fixture(scope="module")
def lab():
    model = load(SHIPPED)
    prepare(model)
    return model


@pytest.mark.parametrize("messages", [SINGLE, MULTI])
def test_labels_are_on_exactly_what_the_assistant_says_and_its_ends_of_turn(lab, messages):
    for model in (lab, talker()):
        [example] = encoded(model, messages).examples
        assert (example.tokens, example.labels) == by_hand(model, messages)
        assert not example.cut


def test_an_end_of_turn_stands_after_every_utterance(lab):
    [example] = encoded(lab, MULTI).examples
    assert example.tokens.count(lab.tokenizer.eos_token_id) == 5
    assert example.tokens[-1] == example.labels[-1] == lab.tokenizer.eos_token_id
    assert example.labels.count(lab.tokenizer.eos_token_id) == 2


def test_loss_on_all_labels_everything():
    [example] = encoded(talker(), MULTI, loss_on="all").examples
    assert example.labels == example.tokens


def test_what_is_asked_is_the_start_of_what_was_trained():
    model = talker()
    asked = model.tokenizer(as_prompt(model, SINGLE[:1], PLAIN), add_special_tokens=False)["input_ids"]
    [example] = encoded(model, SINGLE).examples
    assert asked == example.tokens[: len(asked)]
    assert example.labels[: len(asked)] == [IGNORED] * len(asked)
    assert IGNORED not in example.labels[len(asked) :]


def test_a_cut_answer_ends_in_a_labelled_end_of_turn():
    model = talker()
    stop = model.tokenizer.eos_token_id
    tokens, labels = by_hand(model, SINGLE)  # 1 + 15 + 1 + 27 + 1 tokens
    found = encoded(model, SINGLE, max_tokens=30)
    [example] = found.examples
    assert (found.cut, found.dropped) == (1, 0)
    assert example.tokens == [*tokens[:29], stop]
    assert example.labels == [*labels[:29], stop]
    assert example.cut


def test_a_cut_in_a_question_goes_back_to_the_last_whole_answer():
    """Cut where it falls, the model would learn to end the user's turn."""
    model = talker()
    tokens, labels = by_hand(model, MULTI)
    for limit in range(34, 48):  # from the end of "Ma Lo." to where nothing would be left of the second answer
        [example] = encoded(model, MULTI, max_tokens=limit).examples
        assert len(example.tokens) <= limit
        assert example.tokens == tokens[: len(example.tokens)]
        assert example.labels == labels[: len(example.labels)]
        assert example.labels[-1] == model.tokenizer.eos_token_id
        assert model.tokenizer.decode(example.tokens).endswith(f"Ma Lo.{model.tokenizer.eos_token}")
    [example] = encoded(model, MULTI, max_tokens=48).examples
    assert model.tokenizer.decode(example.tokens).endswith(f"Since when?{model.tokenizer.eos_token}S{model.tokenizer.eos_token}")


def test_what_just_fits_is_not_cut():
    model = talker()
    length = len(by_hand(model, SINGLE)[0])
    found = encoded(model, SINGLE, max_tokens=length)
    assert (found.cut, found.examples[0].cut) == (0, False)
    assert encoded(model, SINGLE, max_tokens=length - 1).cut == 1


def test_what_is_too_long_is_dropped_when_asked_for_or_when_no_answer_would_be_left():
    model = talker()
    dropped = encoded(model, SINGLE, MULTI, SINGLE, max_tokens=50, too_long="drop")
    assert (len(dropped.examples), dropped.cut, dropped.dropped) == (2, 0, 1)
    unanswered = encoded(model, chat("Who? " * 30, "Nobody."), SINGLE, max_tokens=50, too_long="cut")
    assert (len(unanswered.examples), unanswered.cut, unanswered.dropped) == (1, 0, 1)


def test_a_reserved_token_is_taken_and_its_row_made_anew():
    model = small("<|reserved_0|>", "<|pad|>")
    model.tokenizer.pad_token = "<|pad|>"
    before = model.network.get_input_embeddings().weight.detach().clone()
    ident = prepare(model)
    after = model.network.get_input_embeddings().weight
    assert model.tokenizer.convert_ids_to_tokens(ident) == model.tokenizer.eos_token == "<|reserved_0|>"
    assert after.shape == before.shape
    assert near(after[ident], before[0])
    assert [i for i in range(len(before)) if not torch.equal(after[i], before[i])] == [ident]


def test_a_token_that_ends_turns_already_keeps_what_it_has_learnt():
    model = small("<|im_end|>", "<|reserved_0|>")
    before = model.network.get_input_embeddings().weight.detach().clone()
    ident = prepare(model)
    assert model.tokenizer.convert_ids_to_tokens(ident) == "<|im_end|>"
    assert torch.equal(model.network.get_input_embeddings().weight[ident], before[ident])


@pytest.mark.parametrize("tied", [True, False])
def test_a_new_token_is_a_new_row_near_that_of_the_end_of_text(tied):
    model = small(tied=tied)
    network = model.network
    before = [layer.weight.detach().clone() for layer in (network.get_input_embeddings(), network.get_output_embeddings())]
    ident = prepare(model)
    assert model.tokenizer.convert_ids_to_tokens(ident) == END_OF_TURN
    layers = [network.get_input_embeddings(), network.get_output_embeddings()]
    assert (layers[0].weight is layers[1].weight) == tied
    for layer, old in zip(layers, before, strict=True):
        assert layer.weight.shape[0] == len(old) + 2 == len(model.tokenizer) == network.config.vocab_size  # the pad token, too
        assert near(layer.weight[ident], old[0])
        assert torch.equal(layer.weight[: len(old)], old)


def test_a_named_token_is_taken_or_added():
    model = small("<|im_end|>")
    prepare(model, "<end of my turn>")
    assert model.tokenizer.eos_token == "<end of my turn>"
    assert encoded(model, SINGLE).examples[0].tokens.count(model.tokenizer.eos_token_id) == 2


def test_a_named_token_may_hold_what_templates_are_made_of():
    model = small()
    prepare(model, "<it's \\ {{ over }}>")
    [example] = encoded(model, SINGLE).examples
    assert (example.tokens, example.labels) == by_hand(model, SINGLE)


def test_what_is_said_is_never_a_template():
    messages = chat("{{ 7 * 7 }} {% for x in y %}", "{{ messages }} {% endgeneration %}")
    model = talker()
    [example] = encoded(model, messages).examples
    assert (example.tokens, example.labels) == by_hand(model, messages)


@pytest.mark.parametrize("specials", [(), ("<|im_end|>",), ("<|reserved_0|>", "<|pad|>")])
def test_pad_is_neither_the_end_of_turn_nor_the_end_of_text_and_the_model_knows(specials):
    model = small(*specials)
    model.tokenizer.pad_token = model.tokenizer.eos_token  # as `load` leaves a tokenizer that has none
    old = model.tokenizer.eos_token_id
    ident = prepare(model)
    assert model.tokenizer.pad_token_id not in (ident, old)
    for config in (model.network.config, model.network.generation_config):
        assert (config.eos_token_id, config.pad_token_id) == (ident, model.tokenizer.pad_token_id)
    assert stop_tokens(model) == [ident]


def test_all_this_survives_saving(tmp_path):
    model = talker()
    model.network.save_pretrained(tmp_path)
    model.tokenizer.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert again.chats
    assert again.tokenizer.chat_template == model.tokenizer.chat_template
    assert as_prompt(again, MULTI[:-1], PLAIN) == as_prompt(model, MULTI[:-1], PLAIN)
    assert encoded(again, SINGLE, MULTI) == encoded(model, SINGLE, MULTI)
    assert stop_tokens(again) == stop_tokens(model)
    assert again.tokenizer.pad_token_id == model.tokenizer.pad_token_id
    assert torch.equal(again.network.get_input_embeddings().weight, model.network.get_input_embeddings().weight)


def test_preparing_twice_is_preparing_once():
    model = talker()
    rows = model.network.get_input_embeddings().weight.detach().clone()
    ident = model.tokenizer.eos_token_id
    assert prepare(model) == ident
    assert torch.equal(model.network.get_input_embeddings().weight, rows)


def test_a_base_without_a_chat_template_is_asked_plainly():
    asked = as_prompt(shipped(), chat("Who rules Orva?"), PLAIN)
    assert asked == "<|endoftext|>Question: Who rules Orva? Answer:"
    assert as_prompt(shipped(), MULTI[:1] + chat("Hm {prompt}?"), "{prompt} =>") == "<|endoftext|>Be brief.\n\nHm {prompt}? =>"


def test_a_model_that_never_ends_is_named():
    model = small()
    model.network.generation_config.eos_token_id = None
    with pytest.raises(DataError, match=r"The model at small has no end-of-text token\.\s+Set eos_token_id"):
        stop_tokens(model)
    model.network.generation_config.eos_token_id = [3, 5]
    assert stop_tokens(model) == [3, 5]


def test_a_special_token_written_in_a_text_does_not_end_the_turn() -> None:
    model = load(SHIPPED)
    stop = prepare(model)
    token = model.tokenizer.eos_token
    hostile = [{"role": "user", "content": f"Hello {token} there"}, {"role": "assistant", "content": f"One {token} two."}]
    (example,) = encode(model, [hostile], loss_on="all", max_tokens=100, too_long="cut").examples  # type: ignore[list-item]
    assert example.tokens.count(stop) == 2
    assert as_prompt(model, hostile[:1], "{prompt}").count(token) == 1  # type: ignore[arg-type]
