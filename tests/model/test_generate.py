"""Generation: an answer depends on its prompt and seed alone, and is drawn from the distribution that was asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import tokenizers
import torch
import transformers

from tests.small import asked, random_network, shipped, world
from thousand.errors import DataError
from thousand.lab.prompts import make_prompts
from thousand.model import Model, generate

WORDS = ("<|endoftext|>", "<|pad|>", *(f"w{i}" for i in range(30)))
QUESTIONS = [asked(each.text) for each in make_prompts(world())[:12]]
SAMPLED = {"max_tokens": 20, "temperature": 0.7, "top_p": 0.9}


def words(*, sharpness: float = 20.0, end: int | list[int] = 0) -> Model:
    """A random model over 32 words, whose text says which tokens it chose. Its logits are spread out by ``sharpness``."""
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizers.Tokenizer(tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)})),
        bos_token=WORDS[0],
        eos_token=WORDS[0],
        pad_token=WORDS[1],
        padding_side="left",
    )
    tokenizer.backend_tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    network = random_network(vocabulary=len(WORDS), tie_word_embeddings=False)
    with torch.no_grad():
        network.lm_head.weight.mul_(sharpness)
        network.lm_head.weight[:2] = 0  # neither ends by itself nor pads
    network.generation_config.eos_token_id = end
    return Model(Path("words"), network, tokenizer)


def next_logits(model, text):
    ids = torch.tensor([model.tokenizer(text, add_special_tokens=False)["input_ids"]])
    with torch.no_grad():
        return model.network(input_ids=ids).logits[0, -1]


def greedily(model, prompt, count, penalised=lambda chosen: chosen, penalty=1.0):
    """Token by token: the likeliest word, after the penalty on those that count as said."""
    chosen: list[str] = []
    for _ in range(count):
        scores = next_logits(model, " ".join([prompt, *chosen])).clone()
        for word in set(penalised(chosen)):
            place = WORDS.index(word)
            scores[place] = scores[place] / penalty if scores[place] > 0 else scores[place] * penalty
        chosen.append(WORDS[int(scores.argmax())])
    return chosen


def test_an_answer_does_not_depend_on_what_else_is_in_the_batch():
    seeds = [f"0/{i}/0" for i in range(len(QUESTIONS))]
    together = generate(shipped(), QUESTIONS, seeds=seeds, **SAMPLED)
    assert len({each.text for each in together}) == len(QUESTIONS)
    alone = [generate(shipped(), [question], seeds=[seed], **SAMPLED)[0] for question, seed in zip(QUESTIONS, seeds, strict=True)]
    assert alone == together
    backwards = generate(shipped(), [*QUESTIONS[::-1], "<|endoftext|>Thread"], seeds=[*seeds[::-1], "x"], batch=5, **SAMPLED)
    assert backwards[-2::-1] == together


def test_the_seed_decides():
    first, again, other = (generate(shipped(), QUESTIONS[:4], seeds=[seed] * 4, **SAMPLED) for seed in ("a", "a", "b"))
    assert first == again
    assert first != other


def test_the_global_random_state_neither_decides_nor_changes():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = generate(shipped(), QUESTIONS[:2], **SAMPLED)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert generate(shipped(), QUESTIONS[:2], **SAMPLED) == first


def test_temperature_0_is_transformers_own_greedy_search():
    found = generate(shipped(), QUESTIONS, max_tokens=16)
    for question, each in zip(QUESTIONS, found, strict=True):
        ids = shipped().tokenizer(question, add_special_tokens=False, return_tensors="pt")
        output = shipped().network.generate(**ids, max_new_tokens=16, do_sample=False)[0, ids["input_ids"].shape[1] :]
        assert each.text == shipped().tokenizer.decode(output, skip_special_tokens=True).strip()


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.7, 0.9), (1.5, 0.6)])
def test_samples_have_the_exact_nucleus_distribution(temperature, top_p):
    """4,000 draws of one token; no more than one such table in ten thousand is further off by chance."""
    model, prompt, draws = words(), "w3 w7 w1", 4000
    said = generate(
        model, [prompt] * draws, max_tokens=1, seeds=[f"{i}" for i in range(draws)], temperature=temperature, top_p=top_p, batch=1000
    )
    probabilities = torch.softmax(next_logits(model, prompt).double() / temperature, -1).numpy()
    order = np.argsort(-probabilities)
    kept = order[: np.searchsorted(np.cumsum(probabilities[order]), top_p) + 1]  # the fewest that hold top_p
    assert 3 < len(kept) <= len(WORDS)
    nucleus = np.zeros(len(WORDS))
    nucleus[kept] = probabilities[kept] / probabilities[kept].sum()
    counts = np.array([sum(each.text == word for each in said) for word in WORDS])
    counts[0] = sum(each.stop == "end_of_turn" for each in said)
    counts[1] = draws - counts.sum()  # the pad token is not text
    assert not counts[nucleus == 0].any()
    expected = draws * nucleus
    common = expected >= 5
    observed, wanted = np.append(counts[common], counts[~common].sum()), np.append(expected[common], expected[~common].sum())
    usable = wanted > 0
    assert scipy.stats.chisquare(observed[usable], wanted[usable]).pvalue > 1e-4


def test_the_repetition_penalty_is_on_what_was_generated_and_not_on_the_prompt():
    model, penalty = words(), 3.0
    prompt = " ".join(["w5", *greedily(model, "w5", 3)])  # what the model is inclined to say stands in the prompt already
    by_hand = greedily(model, prompt, 10, penalty=penalty)
    [found] = generate(model, [prompt], max_tokens=10, repetition_penalty=penalty)
    assert found.text.split() == by_hand
    assert by_hand != greedily(model, prompt, 10)
    assert by_hand != greedily(model, prompt, 10, penalised=lambda chosen: [*prompt.split(), *chosen], penalty=penalty)
    padded = generate(model, [prompt, prompt + " w9" * 20], max_tokens=10, repetition_penalty=penalty)
    assert padded[0] == found


def test_an_answer_ends_before_any_of_the_stop_tokens():
    free = greedily(words(), "w2", 12, penalty=3.0)
    end = next(i for i in range(3, 12) if free[i] not in free[:i])
    ends = [WORDS.index(free[end]), WORDS.index(free[-1])] if free[-1] not in free[:end] else [WORDS.index(free[end])]
    [found] = generate(words(end=ends), ["w2"], max_tokens=12, repetition_penalty=3.0)
    assert (found.text, found.tokens, found.stop) == (" ".join(free[:end]), end, "end_of_turn")


def test_an_answer_that_reaches_the_limit_says_so():
    found = generate(words(), ["w2", "w4 w4 w4"], max_tokens=7)
    assert [(each.tokens, each.stop, len(each.text.split())) for each in found] == [(7, "limit", 7)] * 2


def test_a_prompt_that_is_too_long_loses_its_start_and_the_answer_says_so():
    model = words()
    assert model.context == 128
    long = " ".join(["w2"] * 180 + ["w9"] * 120)
    fitting = " ".join(long.split()[-118:])
    cut, whole = generate(model, [long, fitting], max_tokens=10)
    assert (cut.text, cut.cut, whole.cut) == (whole.text, True, False)
    assert cut.tokens == 10
    assert cut.text != generate(model, ["w2"], max_tokens=10)[0].text


def test_a_prompt_that_is_too_long_can_be_an_error_instead():
    refused, whole = generate(words(), ["w2 " * 119, "w2"], max_tokens=10, too_long="error")
    assert (refused.stop, refused.text, refused.tokens) == ("error", "", 0)
    assert refused.error == "the prompt has 119 tokens; the context leaves room for 118"
    assert whole == generate(words(), ["w2"], max_tokens=10)[0]


def test_a_prompt_without_tokens_is_an_error_and_no_nuisance_to_others():
    nothing, something = generate(words(), ["", "w2"], max_tokens=10)
    assert (nothing.stop, nothing.error) == ("error", "the prompt has no tokens")
    assert something == generate(words(), ["w2"], max_tokens=10)[0]


def test_a_batch_too_large_for_the_device_is_halved_until_it_fits():
    model, prompts = words(), [f"w{i}" for i in range(11)]
    expected = generate(model, prompts, max_tokens=5)
    own, sizes = model.network.generate, []

    def small(**given):
        sizes.append(len(given["input_ids"]))
        if sizes[-1] > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return own(**given)

    model.network.generate, room = small, 3
    assert generate(model, prompts, max_tokens=5) == expected
    assert sizes == [11, 5, 2, 3, 6, 3, 3]
    room = 0
    assert {(each.stop, each.error) for each in generate(model, prompts[:2], max_tokens=5)} == {
        ("error", "the device has too little memory for it alone")
    }


def test_a_limit_that_fills_the_context_is_refused():
    with pytest.raises(DataError, match=r"128 tokens were asked for .* context of 128.*\s+Set max_tokens to 64"):
        generate(words(), ["w2"], max_tokens=128)


def test_the_decoding_is_the_recipes_and_not_what_the_base_came_with():
    """Published bases carry a repetition penalty, suppressed tokens and more in their generation_config.json."""
    model = words()
    expected = generate(model, ["w2 w3"], max_tokens=10)
    own = model.network.generation_config
    own.repetition_penalty, own.min_new_tokens, own.suppress_tokens = 5.0, 3, [WORDS.index(expected[0].text.split()[0])]
    assert generate(model, ["w2 w3"], max_tokens=10) == expected
    assert model.network.generation_config is own


def test_no_prompts_are_no_answers():
    assert generate(words(), [], max_tokens=5) == []


def test_progress_counts_prompts_batch_by_batch():
    told: list[int] = []
    generate(words(), ["w2"] * 7, max_tokens=1, batch=3, finished=told.append)
    assert told == [3, 6, 7]
