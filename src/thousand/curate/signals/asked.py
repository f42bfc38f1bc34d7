"""how far the response says what the base says when it is asked the prompt: agreement of their new words, 0 to 1.

The base holds the knowledge; asking it is a check of facts without labels, as self-consistency is (Wang et al. 2022).
The base's own likelihood of the response does not serve for this: it prefers whatever manner pretraining had most of.
New words are those that are not in the prompt; they weigh by rarity in the pool; the value is the harmonic mean of how
much of the base's answer the response has and how much of the response the base's answer has. Null where the base adds
nothing new to the prompt.
"""

from math import fsum

import numpy as np

from thousand.curate.texts import Pool, Texts, Values, words
from thousand.model import Model, generate


def asked(
    texts: Texts, pool: Pool, base: Model, *, form: str = "Question: {prompt} Answer:", max_tokens: int = 24, batch: int = 256
) -> Values:
    """Ask the base every distinct prompt, greedily, and compare the first line it says.

    Args:
        form: how the base is asked; it should be a form that its pretraining has seen.
        max_tokens: longest answer asked for.
    """
    distinct = sorted(set(texts.prompts))
    start = base.tokenizer.bos_token or ""
    questions = [start + form.replace("{prompt}", prompt) for prompt in distinct]
    said = generate(base, questions, max_tokens=max_tokens, batch=batch)
    first_lines = {prompt: answer.text.split("\n")[0] for prompt, answer in zip(distinct, said, strict=True)}
    return np.array([_agreement(pool, p, r, first_lines[p]) for p, r in zip(texts.prompts, texts.responses, strict=True)])


def _agreement(pool: Pool, prompt: str, response: str, said: str) -> float:
    old = set(words(prompt))
    ours, bases = set(words(response)) - old, set(words(said)) - old
    weight = {word: pool.rarity(word) for word in ours | bases}
    of_base, of_ours = fsum(weight[w] for w in bases), fsum(weight[w] for w in ours)  # exact: sets have no order to sum in
    if not of_base:
        return np.nan
    shared = fsum(weight[w] for w in ours & bases)
    return 2 * shared / (of_base + of_ours)
