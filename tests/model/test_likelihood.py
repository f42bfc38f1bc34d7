"""How likely an answer is after what was said before it, against a loop that scores one token at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.small import SHIPPED, STORIES, byte_tokenizer, chat, random_network, shipped
from thousand.model import Model, load, mean_log_likelihood, prepare
from thousand.model.chat import IGNORED, encode
from thousand.model.likelihood import Continuation, _score, by_itself, last_answers

SHORT = chat("What is the home of the zansaven?", "The home of the zansaven is among the lagoons.")
LONG = chat("Who rules?", "Nobody.", "So it has been for many years?", "So it has been for many years, and so it shall be, they say.")
BRIEF = chat("Who?", "Nobody in particular")
SAID = [SHORT, LONG, BRIEF, chat("How?", "So.")]


def small(family="llama", **changes) -> Model:
    tokenizer = byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token = "<|pad|>"
    network = random_network(family, vocabulary=len(tokenizer), max_position_embeddings=512, **changes)
    return Model(Path("small"), network, tokenizer)


def naive(model, answer):
    """One forward pass for each token."""
    tokens, scores = list(answer.before), []
    for token in answer.after:
        with torch.no_grad():
            logits = model.network(input_ids=torch.tensor([tokens])).logits[0, -1]
        scores.append(torch.log_softmax(logits, -1)[token].item())
        tokens.append(token)
    return np.mean(scores)


def text(model, tokens):
    return model.tokenizer.decode(tokens)


def test_it_is_the_mean_of_token_by_token_log_probabilities():
    answers = last_answers(shipped(), SAID)
    assert mean_log_likelihood(shipped(), answers) == pytest.approx([naive(shipped(), each) for each in answers], abs=1e-4)


def test_a_base_without_a_template_is_asked_in_the_form_and_answers_after_a_space():
    def tokens(whole):
        return shipped().tokenizer(whole, add_special_tokens=False)["input_ids"]

    first, second, _, _ = last_answers(shipped(), SAID)
    asked = "<|endoftext|>Question: What is the home of the zansaven? Answer:"
    assert first.before == tokens(asked)
    assert [*first.before, *first.after] == tokens(f"{asked} The home of the zansaven is among the lagoons.")
    assert second.before == tokens("<|endoftext|>Question: Who rules?\n\nNobody.\n\nSo it has been for many years? Answer:")


def test_a_space_at_the_end_of_the_form_belongs_to_the_answer_and_a_line_end_to_the_form():
    assert last_answers(shipped(), SAID, "Q: {prompt} A: ") == last_answers(shipped(), SAID, "Q: {prompt} A:")
    [answer] = last_answers(shipped(), [BRIEF], "{prompt}\n")
    assert text(shipped(), answer.after) == "Nobody in particular"


def test_with_a_chat_template_the_tokens_are_those_that_training_learns():
    model = small()
    prepare(model)
    conversations = [SHORT, LONG, [{"role": "system", "content": "Be brief."}, *BRIEF]]
    trained = encode(model, conversations, loss_on="responses", max_tokens=500, too_long="drop").examples
    for answer, example in zip(last_answers(model, conversations), trained, strict=True):
        assert [*answer.before, *answer.after, model.tokenizer.eos_token_id] == example.tokens
        assert example.labels[-len(answer.after) - 1 : -1] == answer.after
        assert example.labels[len(answer.before) - 1] in (IGNORED, model.tokenizer.eos_token_id)


def test_special_tokens_written_in_an_answer_are_plain_text():
    [answer] = last_answers(small(), [chat("Who?", "Me.<|endoftext|>You.")])
    assert 0 in answer.before
    assert 0 not in answer.after


def test_the_same_tokens_are_scored_with_and_without_what_is_before():
    for answer in last_answers(shipped(), SAID):
        assert by_itself(shipped(), answer) == Continuation([shipped().tokenizer.bos_token_id], answer.after)
    nothing = Continuation(why="the answer is empty")
    assert by_itself(shipped(), nothing) == nothing


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "gemma2", "qwen2", "opt"])
def test_an_answer_is_scored_alike_alone_and_among_others_in_every_family(family):
    model = small(family)
    answers = last_answers(model, SAID * 2)
    alone = mean_log_likelihood(model, answers, tokens=1)
    assert alone == pytest.approx([naive(model, each) for each in answers], abs=1e-4)
    for tokens in (100, 300, None):
        assert mean_log_likelihood(model, answers, tokens=tokens) == pytest.approx(alone, abs=1e-4)


@pytest.mark.skipif(not STORIES.is_dir(), reason="the pretrained model is not beside this checkout")
def test_an_answer_is_scored_alike_alone_and_among_others_by_a_pretrained_model():
    model = load(STORIES)
    words = "the little dog ran to a big tree and saw her friend who was sad so they went home".split()  # noqa: SIM905
    rng = np.random.default_rng(0)
    said = [chat(" ".join(rng.choice(words, n)), " ".join(rng.choice(words, 60 - n))) for n in rng.integers(1, 59, 40)]
    answers = last_answers(model, said)
    alone = mean_log_likelihood(model, answers, tokens=1)
    assert np.abs(mean_log_likelihood(model, answers) - alone).max() < 1e-3
    assert mean_log_likelihood(model, answers[::-1])[::-1] == pytest.approx(alone, abs=1e-3)
    assert text(model, answers[0].before).endswith("Answer:")
    assert model.tokenizer.convert_ids_to_tokens(answers[0].after[:1])[0].startswith("\u2581")  # no space is left by itself


def test_logits_are_made_for_the_answers_alone():
    model, seen = small(), []
    hook = model.network.get_output_embeddings().register_forward_hook(lambda layer, given, logits: seen.append(logits.shape))
    answers = last_answers(model, [SHORT, LONG])
    _score(model, answers)
    assert seen == [(1, sum(len(each.after) for each in answers), model.network.config.vocab_size)]
    hook.remove()
    assert model.network(input_ids=torch.tensor([[0, 1, 2]])).logits.shape[:2] == (1, 3)  # and of all again afterwards


def test_a_large_vocabulary_makes_batches_small(monkeypatch):
    model, seen = small(), []
    hook = model.network.register_forward_pre_hook(lambda layer, given, named: seen.append(named["input_ids"].numel()), with_kwargs=True)
    monkeypatch.setattr("thousand.model.likelihood._LOGITS", 200 * model.network.config.vocab_size)
    answers = last_answers(model, SAID * 5)
    values = mean_log_likelihood(model, answers)
    assert max(seen) <= 200
    hook.remove()
    assert values == pytest.approx(mean_log_likelihood(model, answers, tokens=1), abs=1e-4)


def test_what_cannot_be_scored_says_why_and_disturbs_nothing():
    long = chat("Who?", "word " * 600)  # fills the context of 512
    answers = last_answers(shipped(), [chat("Who?", " "), BRIEF, long, chat("word " * 600, "Nobody."), SHORT])
    assert [each.why for each in answers] == ["the answer is empty", None, *["longer than the model's context of 512 tokens"] * 2, None]
    scores = mean_log_likelihood(shipped(), answers)
    assert np.isnan(scores).tolist() == [True, False, True, True, False]
    assert scores[1] == pytest.approx(naive(shipped(), answers[1]), abs=1e-4)


def test_a_template_that_refuses_a_conversation_says_so():
    model = small()
    refuse = "{% if m['role'] == 'system' %}{{ raise_exception('No system turns') }}{% endif %}"
    model.tokenizer.chat_template = f"{{% for m in messages %}}{refuse}{{{{ m['content'] }}}}\n{{% endfor %}}"
    answers = last_answers(model, [BRIEF, [{"role": "system", "content": "Be brief."}, *BRIEF]])
    assert [each.why for each in answers] == [None, "the chat template refuses it: No system turns"]
    assert text(model, answers[0].after) == "Nobody in particular"


def test_no_answers_are_no_scores():
    assert mean_log_likelihood(shipped(), last_answers(shipped(), [])).shape == (0,)


def test_the_shipped_base_finds_its_own_facts_likelier_than_others():
    right, wrong = SHORT, chat(SHORT[0]["content"], "The home of the zansaven is thirty-seven bakers.")
    values = mean_log_likelihood(load(SHIPPED), last_answers(shipped(), [right, wrong]))
    assert values[0] > values[1]
