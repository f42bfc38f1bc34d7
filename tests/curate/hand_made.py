"""Candidates made by hand, for tests of curation."""

import numpy as np

from thousand.curate.texts import Pool, Texts, words


def texts(*responses, prompts=None, scores=None):
    """Responses as a signal sees them; prompts and scores where they matter."""
    prompts = list(prompts) if prompts is not None else ["A question?"] * len(responses)
    return Texts(
        prompts,
        list(responses),
        np.array(scores if scores is not None else [np.nan] * len(responses), dtype=np.float64),
        [conversation(prompt, response) for prompt, response in zip(prompts, responses, strict=True)],
    )


def conversation(*turns):
    """A conversation of these turns, the user's first."""
    return [{"role": "assistant" if place % 2 else "user", "content": turn} for place, turn in enumerate(turns)]


def pool_of(*responses):
    """The statistics of a pool of these responses."""
    frequency = {}
    for response in responses:
        for word in set(words(response)):
            frequency[word] = frequency.get(word, 0) + 1
    return Pool(len(responses), frequency)
