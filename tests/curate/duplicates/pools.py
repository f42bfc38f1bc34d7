"""Pools of texts for tests of copies, and what comparing all with all finds in them."""

import functools
import random
import re
from itertools import combinations

import numpy as np
import pyarrow as pa

from tests.small import chat
from thousand import tables
from thousand.curate.duplicates import prepare, survivors
from thousand.recipe import Duplicates

WORDS = [f"w{i}" for i in range(400)]
SCHEMA = pa.schema([("messages", tables.MESSAGES)])


def words(text):
    """By another way than the code's: what is not a letter or a digit separates. For texts without symbols."""
    return re.findall(r"[^\W_]+", text.lower())


@functools.cache
def shingles(text):
    """Word trigrams; a shorter text is one shingle."""
    tokens = words(text)
    return {tuple(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}


def jaccard(a, b):
    """By its definition."""
    one, two = shingles(a), shingles(b)
    return len(one & two) / len(one | two)


def mixed(seed, count=300):
    """Random short texts, some of them edited copies of others: every similarity from 0 to 1 occurs."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        if texts and rng.random() < 0.6:
            copy = rng.choice(texts).split()
            for _ in range(rng.randrange(4)):
                copy[rng.choice((-1, rng.randrange(len(copy))))] = rng.choice(WORDS)
            texts.append(" ".join(copy))
        else:
            texts.append(" ".join(rng.choices(WORDS, k=rng.choice((1, 2, 3, 10, 30, 60)))))
    return texts


def template(seed, count, changes, *, length=60):
    """Copies of one text with so many of its words replaced in each."""
    rng = random.Random(seed)
    story = [f"s{i}" for i in range(length)]
    texts = []
    for _ in range(count):
        copy = list(story)
        for place in rng.sample(range(length), changes):
            copy[place] = f"x{rng.randrange(10**6)}"
        texts.append(" ".join(copy))
    return texts


def table(folder, texts, *, prompts=None, size=97):
    """Candidates with these responses, in parts of ``size``."""
    prompts = prompts or ["Tell."] * len(texts)
    rows = [chat(prompt, text) for prompt, text in zip(prompts, texts, strict=True)]
    pieces = [pa.table({"messages": pa.array(rows[i : i + size], tables.MESSAGES)}) for i in range(0, len(rows), size)]
    tables.write_parts(folder, pieces, SCHEMA)
    return folder


def copies(folder, texts, priority=None, *, prompts=None, **settings):
    """Twins and similarities by the package's own two steps."""
    chosen = Duplicates(**{"over": "response", **settings})
    made = table(folder / "candidates", texts, prompts=prompts)
    prepare(made, tables.digest(made), folder / "prepared", chosen, lambda rows: None)
    return survivors(folder / "prepared", chosen, priority if priority is not None else range(len(texts)))


def greedy(texts, priority, threshold, similarity=jaccard):
    """All compared with all: each row is dropped against the first survivor by priority that is similar."""
    twin, likeness, kept = [-1] * len(texts), [np.nan] * len(texts), []
    for row in sorted(range(len(texts)), key=lambda i: priority[i]):
        for survivor in kept if words(texts[row]) else ():
            if (measured := similarity(texts[row], texts[survivor])) >= threshold:
                twin[row], likeness[row] = survivor, measured
                break
        else:
            if words(texts[row]):
                kept.append(row)
    return twin, likeness


def sound(texts, priority, twin, similarity, threshold):
    """Whatever is dropped is similar to a better survivor, as similar as is said."""
    for row in np.flatnonzero(twin >= 0):
        assert twin[twin[row]] == -1
        assert priority[twin[row]] < priority[row]
        assert similarity[row] == jaccard(texts[row], texts[twin[row]]) >= threshold
    assert np.isnan(similarity[twin < 0]).all()
    return True


def missed(texts, twin, threshold):
    """Pairs of survivors that are similar."""
    stay = [row for row in np.flatnonzero(twin < 0) if words(texts[row])]
    return [(a, b) for a, b in combinations(stay, 2) if jaccard(texts[a], texts[b]) >= threshold]
