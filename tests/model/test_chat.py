"""How a conversation becomes tokens: nothing lost or merged, and labels on exactly what the assistant says."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import tokenizers
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import SHIPPED, byte_tokenizer, chat, random_network, shipped
from thousand.errors import DataError
from thousand.model import Model, load, prepare
from thousand.model.chat import IGNORED, as_prompt, encode, stop_tokens

SINGLE = chat("Who rules Orva?", "The ruler of Orva is Ma Lo.")
MULTI = [{"role": "system", "content": "Be brief."}, *chat("Who rules Orva?", "Ma Lo.", "Since when?", "Since the thaw.")]
TOOLS = [
    *MULTI[:2],
    {"role": "assistant", "content": "  I look it up."},
    {"role": "tool", "content": '{"ruler": "Ma Lo"}'},
    {"role": "tool", "content": "since: the thaw"},
    {"role": "assistant", "content": "Ma Lo\n\nrules it."},
]
PLAIN = "Question: {prompt} Answer:"


def small(*specials: str) -> Model:
    tokenizer = byte_tokenizer("<|endoftext|>", *specials)
    network = random_network(vocabulary=len(tokenizer))
    network.generation_config.eos_token_id = 0
    return Model(Path("small"), network, tokenizer)


def talker(*specials: str) -> Model:
    model = small(*specials)
    prepare(model)
    return model


def encoded(model, *conversations, **changes):
    return encode(model, conversations, **{"loss_on": "responses", "max_tokens": 1000, "too_long": "cut"} | changes)


def by_hand(model, messages):
    """Tokens and labels, turn by turn."""
    tokens, labels = [model.tokenizer.bos_token_id], [IGNORED]
    for message in messages:
        said = [*model.tokenizer(message["content"], add_special_tokens=False)["input_ids"], model.tokenizer.eos_token_id]
        tokens += said
        labels += said if message["role"] == "assistant" else [IGNORED] * len(said)
    return tokens, labels


def learnt(model, example):
    """The texts that are learnt, each with its end of turn."""
    assert [token for token, label in zip(example.tokens, example.labels, strict=True) if label != IGNORED] == [
        example.tokens[place] for turn in example.turns for place in turn
    ]
    return [model.tokenizer.decode([example.labels[place] for place in turn]) for turn in example.turns]


@pytest.fixture(scope="module")
def lab():
    model = load(SHIPPED)
    prepare(model)
    return model


@pytest.mark.parametrize("messages", [SINGLE, MULTI, TOOLS])
def test_labels_are_on_exactly_what_the_assistant_says_and_its_ends_of_turn(lab, messages):
    for model in (lab, talker()):
        [example] = encoded(model, messages).examples
        assert (example.tokens, example.labels) == by_hand(model, messages)
        assert not example.cut


@pytest.mark.parametrize("messages", [SINGLE, MULTI, TOOLS])
def test_an_end_of_turn_stands_after_every_utterance_so_that_two_neighbours_stay_two(lab, messages):
    stop = lab.tokenizer.eos_token_id
    [example] = encoded(lab, messages).examples
    assert example.tokens.count(stop) == len(messages)
    assert example.tokens[-1] == example.labels[-1] == stop
    assert example.labels.count(stop) == len(example.turns) == sum(each["role"] == "assistant" for each in messages)


def test_loss_on_all_labels_everything():
    [example] = encoded(talker(), MULTI, loss_on="all").examples
    assert example.labels == example.tokens
    assert len(example.turns) == 2


def test_a_cut_answer_ends_in_a_labelled_end_of_turn():
    model = talker()
    stop = model.tokenizer.eos_token_id
    tokens, labels = by_hand(model, SINGLE)  # 1 + 15 + 1 + 27 + 1 tokens
    found = encoded(model, SINGLE, max_tokens=30)
    [example] = found.examples
    assert (found.cut, found.dropped) == (1, 0)
    assert example.tokens == [*tokens[:29], stop]
    assert example.labels == [*labels[:29], stop]
    assert example.turns == (range(17, 30),)
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


# Tokenizers of every kind: what they put before a word, and what they add by themselves.

ALPHABET = [chr(code) for code in range(32, 127)] + ["é", "▁", "\n"]


def pieces(*, prepend: bool = False, scheme: str | None = None, unigram: bool = False, adds_bos: bool = True):
    """A tokenizer like SentencePiece's: every space becomes a mark, and one more stands before the text."""
    words = ["<unk>", "<s>", "</s>", *ALPHABET, "▁The", "▁M", "▁is", "rul", "▁▁"]
    if unigram:
        bare = tokenizers.Tokenizer(tokenizers.models.Unigram([(word, -float(len(words) - i)) for i, word in enumerate(words)], unk_id=0))
    else:
        vocabulary = {word: i for i, word in enumerate([*words, "▁T", "▁Th", "▁i", "ru"])}
        merges = [("▁", "T"), ("▁T", "h"), ("▁Th", "e"), ("▁", "M"), ("▁", "i"), ("▁i", "s"), ("r", "u"), ("ru", "l"), ("▁", "▁")]
        bare = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>"))
    if prepend:  # Llama 2's: before each stretch of text between special tokens
        bare.normalizer = tokenizers.normalizers.Sequence([tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")])
        bare.decoder = tokenizers.decoders.Sequence(
            [tokenizers.decoders.Replace("▁", " "), tokenizers.decoders.Fuse(), tokenizers.decoders.Strip(" ", 1, 0)]
        )
    if scheme:
        bare.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
        bare.decoder = tokenizers.decoders.Metaspace(prepend_scheme=scheme, split=False)
    if adds_bos:
        bare.post_processor = tokenizers.processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bare, bos_token="<s>" if adds_bos else None, eos_token="</s>", unk_token="<unk>", padding_side="left"
    )


def bytes_with_a_space_before():
    tokenizer = byte_tokenizer("<|endoftext|>")
    tokenizer.backend_tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.backend_tokenizer.post_processor = tokenizers.processors.ByteLevel(trim_offsets=True)
    return tokenizer


KINDS = {
    "a mark before each stretch": lambda: pieces(prepend=True),
    "a mark before the first alone": lambda: pieces(scheme="first"),
    "a mark always": lambda: pieces(scheme="always"),
    "never a mark": lambda: pieces(scheme="never"),
    "unigrams": lambda: pieces(scheme="always", unigram=True),
    "no beginning of text": lambda: pieces(prepend=True, adds_bos=False),
    "bytes": lambda: byte_tokenizer("<|endoftext|>"),
    "bytes with a space before": bytes_with_a_space_before,
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    tokenizer = KINDS[request.param]()
    network = random_network(vocabulary=len(tokenizer))
    network.generation_config.eos_token_id = tokenizer.eos_token_id
    model = Model(Path("small"), network, tokenizer)
    prepare(model)
    return model


@pytest.mark.parametrize("messages", [SINGLE, MULTI, TOOLS])
def test_what_is_learnt_reads_exactly_as_what_the_assistant_said_by_tokenizers_of_every_kind(kind, messages):
    [example] = encoded(kind, messages).examples
    answers = [each["content"] + kind.tokenizer.eos_token for each in messages if each["role"] == "assistant"]
    assert [text.strip() for text in learnt(kind, example)] == [each.strip() for each in answers]
    assert example.tokens.count(kind.tokenizer.eos_token_id) == len(messages)


def test_what_is_asked_is_the_start_of_what_was_trained_by_tokenizers_of_every_kind(kind):
    [example] = encoded(kind, TOOLS).examples
    for turn, asked in zip(example.turns, (TOOLS[:2], TOOLS[:5]), strict=True):
        assert kind.tokenizer(as_prompt(kind, asked, PLAIN), add_special_tokens=False)["input_ids"] == example.tokens[: turn.start]


def test_the_beginning_of_text_stands_once_or_where_there_is_none_never(kind):
    bos = kind.tokenizer.bos_token_id
    [example] = encoded(kind, TOOLS).examples
    if bos is None:
        assert example.tokens[0] not in kind.tokenizer.all_special_ids
    else:
        assert example.tokens[0] == bos
        assert bos not in example.tokens[1:]


PIECES = st.sampled_from([*"aTheMrulis \n<|>/s{}%é", "<s>", "</s>", "<|eot|>", "<|endoftext|>", "{{ x }}", "日本"])
TURN = st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(str.strip)


@settings(deadline=None, max_examples=40)
@given(st.lists(TURN, min_size=2, max_size=8))
def test_whatever_is_said_every_turn_ends_once_and_only_answers_are_learnt(turns):
    messages = chat(*turns[: len(turns) // 2 * 2])
    for name in ("a mark before each stretch", "bytes with a space before"):
        tokenizer = KINDS[name]()
        network = random_network(vocabulary=len(tokenizer))
        network.generation_config.eos_token_id = tokenizer.eos_token_id
        model = Model(Path("small"), network, tokenizer)
        prepare(model)
        [example] = encoded(model, messages).examples
        stop = tokenizer.eos_token_id
        assert example.tokens.count(stop) == len(messages)
        assert [example.tokens[turn.stop - 1] for turn in example.turns] == [stop] * (len(messages) // 2)
        ends = [i for i, token in enumerate(example.tokens) if token == stop]
        assert list(example.turns) == [range(ends[i] + 1, ends[i + 1] + 1) for i in range(0, len(ends), 2)]


# A model's own chat template, as published ones are written.


def published(name: str, *specials: str) -> Model:
    model = small(*specials)
    model.tokenizer.chat_template = (files("trl") / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")
    prepare(model, template="own")
    return model


CHATML = ("<|im_start|>", "<|im_end|>")
LLAMA = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>")
PUBLISHED = {
    "qwen2_5": (CHATML, TOOLS),
    "qwen2_5_training": (CHATML, TOOLS),  # with generation blocks
    "qwen3": (CHATML, TOOLS),  # shows an empty thought in its last answer alone
    "llama3": (LLAMA, MULTI),
    "llama3_training": (LLAMA, MULTI),
    "llama3_1": (LLAMA, TOOLS),  # writes what tools say as JSON
    "gemma": (("<start_of_turn>", "<end_of_turn>"), MULTI[1:]),  # knows no system text
    "phi3": (("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"), MULTI),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_by_published_templates_each_answer_is_learnt_to_its_end_of_turn_and_nothing_else(name):
    specials, messages = PUBLISHED[name]
    model = published(name, *specials)
    [example] = encoded(model, messages).examples
    texts = [text.replace("<think>\n\n</think>\n\n", "").strip() for text in learnt(model, example)]
    assert texts == [each["content"].strip() + model.tokenizer.eos_token for each in messages if each["role"] == "assistant"]
    assert example.tokens[-1] == model.tokenizer.eos_token_id
    for i, message in enumerate(messages[1:], 1):
        if message["role"] == "assistant" and name != "qwen2_5_training":  # whose block begins before the line's end
            asked = model.tokenizer(as_prompt(model, messages[:i], PLAIN), add_special_tokens=False)["input_ids"]
            assert asked in [example.tokens[: turn.start] for turn in example.turns]


@pytest.mark.parametrize("token", ["<|start_header_id|>", "<|eot_id|>"])
def test_tokens_that_a_template_writes_are_inert_in_a_text_even_where_the_tokenizer_does_not_call_them_special(token):
    model = published("llama3", *LLAMA)
    assert "<|start_header_id|>" not in model.tokenizer.all_special_tokens  # only an added token, as in Llama 3
    plain, hostile = (chat("Hello", f"Once {text} more.") for text in ("", token))
    ident = model.tokenizer.convert_tokens_to_ids(token)
    [first], [second] = encoded(model, plain).examples, encoded(model, hostile).examples
    assert first.tokens.count(ident) == second.tokens.count(ident)
    assert len(first.turns[0]) < len(second.turns[0])


def test_a_template_that_drops_or_refuses_a_turn_is_an_error_that_names_the_conversation():
    thinker = published("qwen3", *CHATML)
    thought = chat("Who?", "<think>\nMa Lo rules.\n</think>\n\nMa Lo.", "Sure?", "Yes.")
    dropped = r"Conversation 2: .* refuses it: it leaves out or moves what the assistant says in turn 2\.\s+Leave"
    with pytest.raises(DataError, match=dropped):
        encoded(thinker, SINGLE, thought)
    refused = r"Conversation 1: .* refuses it: System role not supported\.\s+Leave such .* align\.template to lima"
    with pytest.raises(DataError, match=refused):
        encoded(published("gemma", "<start_of_turn>", "<end_of_turn>"), MULTI)


def test_a_template_that_marks_only_some_answers_is_an_error():
    model = talker()
    model.tokenizer.chat_template = model.tokenizer.chat_template.replace("== 'assistant'", "== 'assistant' and loop.last")
    with pytest.raises(DataError, match="it marks 1 of 2 turns of the assistant"):
        encoded(model, MULTI)


def test_what_is_said_is_never_a_template():
    messages = chat("{{ 7 * 7 }} {% for x in y %}", "{{ messages }} {% endgeneration %}")
    model = talker()
    [example] = encoded(model, messages).examples
    assert (example.tokens, example.labels) == by_hand(model, messages)


def test_a_special_token_written_in_a_text_does_not_end_the_turn(lab):
    token = lab.tokenizer.eos_token
    hostile = chat(f"Hello {token} there", f"One {token} two.")
    [example] = encoded(lab, hostile, loss_on="all").examples
    assert example.tokens.count(lab.tokenizer.eos_token_id) == 2
    assert as_prompt(lab, hostile[:1], "{prompt}").count(token) == 1


def test_all_this_survives_saving(tmp_path):
    for model in (talker(), published("qwen2_5", *CHATML)):
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
