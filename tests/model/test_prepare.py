"""How a base is made ready to learn to talk: its end of turn, its pad token, and its form of a conversation."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import torch

from tests.small import byte_tokenizer, chat, random_network
from thousand.errors import RecipeError
from thousand.model import END_OF_TURN, Model, prepare
from thousand.model.chat import encode, stop_tokens

SINGLE = chat("Who rules Orva?", "The ruler of Orva is Ma Lo.")
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]"
    "{% else %} {{ m['content'] }} {{ eos_token }}{% endif %}{% endfor %}"
)


def small(*specials: str, tied: bool = True, template: str | None = None) -> Model:
    tokenizer = byte_tokenizer("<|endoftext|>", *specials)
    tokenizer.chat_template = template
    network = random_network(vocabulary=len(tokenizer), tie_word_embeddings=tied)
    network.generation_config.eos_token_id = 0
    return Model(Path("small"), network, tokenizer)


def instruct(template: str = CHATML) -> Model:
    return small("<|im_start|>", "<|im_end|>", template=template)


def rows(model):
    return model.network.get_input_embeddings().weight.detach().clone()


def near(a, b):
    return torch.cosine_similarity(a, b, dim=0) > 0.97 and not torch.equal(a, b)


def test_a_reserved_token_is_taken_and_its_row_made_anew():
    model = small("<|reserved_0|>", "<|pad|>")
    model.tokenizer.pad_token = "<|pad|>"
    before = rows(model)
    ident = prepare(model)
    after = rows(model)
    assert model.tokenizer.convert_ids_to_tokens(ident) == model.tokenizer.eos_token == "<|reserved_0|>"
    assert after.shape == before.shape
    assert near(after[ident], before[0])
    assert [i for i in range(len(before)) if not torch.equal(after[i], before[i])] == [ident]


def test_a_token_that_ends_turns_already_keeps_what_it_has_learnt():
    model = small("<|im_end|>", "<|reserved_0|>")
    with torch.no_grad():
        model.network.get_input_embeddings().weight[model.tokenizer.convert_tokens_to_ids("<|im_end|>")] = 0.1
    before = rows(model)
    ident = prepare(model)
    assert model.tokenizer.convert_ids_to_tokens(ident) == "<|im_end|>"
    assert torch.equal(rows(model)[ident], before[ident])


def test_a_token_that_pretraining_never_used_starts_as_the_end_of_text():
    """Bases reserve the tokens of their chat models: the row is there, and as small as it was made."""
    model = small("<|im_end|>", "<|reserved_0|>")
    ident, end = (model.tokenizer.convert_tokens_to_ids(each) for each in ("<|im_end|>", model.tokenizer.eos_token))
    with torch.no_grad():
        model.network.get_input_embeddings().weight[ident] *= 1e-3
    before = rows(model)
    assert prepare(model) == ident
    assert torch.nn.functional.cosine_similarity(rows(model)[ident], before[end], dim=0) > 0.95


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
    [example] = encode(model, [SINGLE], loss_on="all", max_tokens=100, too_long="cut").examples
    assert example.tokens.count(model.tokenizer.eos_token_id) == 2


def test_a_named_token_may_hold_what_templates_are_made_of():
    model = small()
    prepare(model, "<it's \\ {{ over }}>")
    [example] = encode(model, [SINGLE], loss_on="all", max_tokens=100, too_long="cut").examples
    assert model.tokenizer.decode(example.tokens[1:]) == "".join(each["content"] + "<it's \\ {{ over }}>" for each in SINGLE)


@pytest.mark.parametrize("specials", [(), ("<|im_end|>",), ("<|reserved_0|>", "<|pad|>"), ("<pad>",)])
def test_pad_is_neither_the_end_of_turn_nor_the_end_of_text_and_the_model_knows(specials):
    model = small(*specials)
    model.tokenizer.pad_token = model.tokenizer.eos_token  # as `load` leaves a tokenizer that has none
    old = model.tokenizer.eos_token_id
    ident = prepare(model)
    assert model.tokenizer.pad_token_id not in (ident, old)
    assert model.tokenizer.pad_token == ("<pad>" if "<pad>" in specials else "<|pad|>")  # one to spare is taken, none is added
    for config in (model.network.config, model.network.generation_config):
        assert (config.eos_token_id, config.pad_token_id) == (ident, model.tokenizer.pad_token_id)
    assert stop_tokens(model) == [ident]


@pytest.mark.parametrize("specials", [(), ("<|reserved_0|>",)])
@pytest.mark.parametrize("again", [None, "lima"])
def test_preparing_twice_is_preparing_once(specials, again):
    model = small(*specials)
    ident = prepare(model)
    before = rows(model), model.tokenizer.chat_template, stop_tokens(model)
    assert prepare(model, template=again) == ident
    assert torch.equal(rows(model), before[0])
    assert (model.tokenizer.chat_template, stop_tokens(model)) == before[1:]


@pytest.mark.parametrize("template", [None, "own"])
def test_a_model_with_a_template_keeps_it_and_stops_where_it_ends_turns(template):
    """As Qwen's do: the tokenizer pads with the end of text, which the model may stop at, too."""
    model = instruct()
    model.tokenizer.pad_token = "<|endoftext|>"
    before = rows(model)
    ident = prepare(model, template=template)
    assert model.tokenizer.chat_template == CHATML
    assert ident == model.tokenizer.eos_token_id == model.tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert stop_tokens(model) == [ident, 0]
    assert model.tokenizer.pad_token_id == model.network.generation_config.pad_token_id == len(before)
    assert torch.equal(rows(model)[: len(before)], before)


def test_limas_form_takes_the_place_of_a_template_where_that_is_asked_for():
    for asked in ({"template": "lima"}, {"end_of_turn": "<|mine|>"}):
        model = instruct()
        prepare(model, **asked)
        [example] = encode(model, [SINGLE], loss_on="all", max_tokens=100, too_long="cut").examples
        end = asked.get("end_of_turn", "<|im_end|>")
        assert model.tokenizer.decode(example.tokens) == f"<|endoftext|>Who rules Orva?{end}The ruler of Orva is Ma Lo.{end}"


def test_a_published_template_that_ends_turns_with_the_end_of_text_is_kept_too():
    model = small("[INST]", "[/INST]", template=MISTRAL)
    assert prepare(model) == 0
    assert model.tokenizer.pad_token_id != 0


REFUSED = {
    "no special token follows": CHATML.replace("<|im_end|>", "").replace("<|im_start|>", "### "),
    "not the start of what it shows": CHATML.replace("<|im_start|>assistant", "<|im_start|>bot"),
    "is not the start": CHATML.partition("{% if add")[0],  # asks with nothing, and the model would have to open its turn itself
    "needs two turns": "{{ raise_exception('It needs two turns of each') }}",
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_template_by_which_nobody_would_learn_to_stop_is_refused(why):
    with pytest.raises(RecipeError, match=rf"(?s)template of the model at small cannot be trained with: .*{why}.*align\.template to lima"):
        prepare(instruct(REFUSED[why]))


def test_what_cannot_be_had_together_is_refused():
    with pytest.raises(RecipeError, match=r"has no chat template\.\s+Set align\.template to lima"):
        prepare(small(), template="own")
    with pytest.raises(RecipeError, match=r"align\.end_of_turn is a token for LIMA's form.*\s+Leave one"):
        prepare(instruct(), "<|mine|>", "own")


def test_every_template_that_trl_knows_is_kept_or_refused_in_words():
    folder = files("trl") / "chat_templates"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".jinja") and "_training" not in each.name)
    specials = ("<|im_start|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|user|>", "<|assistant|>")
    kept = []
    for name in names:
        model = small(*specials, template=(folder / name).read_text(encoding="utf-8"))
        try:
            prepare(model)
            [example] = encode(model, [SINGLE], loss_on="responses", max_tokens=10_000, too_long="cut").examples
        except RecipeError as error:
            assert "cannot be trained with" in str(error)
            continue
        assert example.labels[-1] == model.tokenizer.eos_token_id
        assert SINGLE[1]["content"] in model.tokenizer.decode([each for each in example.labels if each >= 0])
        kept.append(name)
    assert len(names) > 30
    assert len(kept) > 15
