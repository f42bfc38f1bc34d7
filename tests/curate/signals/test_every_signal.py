"""What holds of every signal that measures text alone."""

import importlib
import inspect
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.hand_made import pool_of, texts
from thousand import registry
from thousand.curate.measure import SIGNALS
from thousand.curate.texts import Measured

FUNCTIONS = {name: registry.find(SIGNALS, name, "") for name in registry.names(SIGNALS)}
GIVEN = {name: list(inspect.signature(function).parameters)[1:] for name, function in FUNCTIONS.items()}
OF_TEXT = sorted(name for name, needs in GIVEN.items() if not {"base", "cache", "tokenizer"} & set(needs))
SHARES = {"resembles_prompt", "capitals", "repetition", "echoed", "acknowledged", "ended", "open_fences"}
SHARES |= {"language", "lexical_diversity", "refusal", "self_contained"}
NOT_KNOWN = {"capitals", "repetition", "echoed", "acknowledged", "score", "language", "lexical_diversity"}
"""The signals that a text may have no value of."""

FRAGMENTS = [
    "```",
    "`",
    "I ",
    "my ",
    "http://x.y",
    "[a](b)",
    "<a ",
    ".",
    "\n",
    "- ",
    "Edit: ",
    "you idiot",
    "\u3002",
    "\u4f60\u597d",
    "A",
    "\ufe0f",
    "Sorry, I cannot help. ",
    "a@b.co ",
    "as mentioned ",
    "click here ",
    "<no input>",
    "[insert name]",
    "{{name}}",
    "\u00a0N/A",
    "see attached",
    "it's 'so' ",
]
ANY = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=10), max_size=8).map("".join)


def measure(name, some):
    offered = {"pool": pool_of(*some.responses), "prompts": ["What is the name of the old bridge in the town?", "Why?"]}
    return plain(FUNCTIONS[name](some, *(offered[need] for need in GIVEN[name] if need in offered)))


def plain(found):
    """The values alone, every missing one with a reason."""
    if isinstance(found, Measured):
        assert all(reason for reason, value in zip(found.reasons, found.values, strict=True) if np.isnan(value))
        return found.values
    return found


@pytest.mark.parametrize("name", OF_TEXT)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(pairs=st.lists(st.tuples(ANY, ANY), max_size=6))
def test_any_text_has_one_value_in_its_range(name, pairs):
    some = texts(*(response for _, response in pairs), prompts=[prompt for prompt, _ in pairs])
    values = np.asarray(measure(name, some))
    assert values.shape == (len(pairs),)
    assert values.dtype == np.float64
    assert name in NOT_KNOWN or not np.isnan(values).any()
    known = values[~np.isnan(values)]
    assert (known >= 0).all()
    assert name not in SHARES or (known <= 1 + 1e-9).all()
    assert name in SHARES or (known == np.round(known)).all()


@pytest.mark.parametrize("name", OF_TEXT)
def test_a_value_does_not_depend_on_the_rows_beside_it(name):
    long = "Whoever walks along the river in the evening sees the lamps of the boats, and hears the bells of the churches behind the hill. "
    foreign = (
        "Wer abends am Fluss entlang geht, sieht die Lichter der Boote und h\u00f6rt die Glocken der Kirchen hinter dem H\u00fcgel. " * 3
    )
    responses = ["I think so. I think so.", "See http://x.example now", "", "WELL, you idiot!", "- one\n- two", long * 3, foreign]
    prompts = ["I think what?", "Where?", "Why?", "Well?", "Which?", "Tell.", "Erz\u00e4hle."]
    some = texts(*responses, prompts=prompts, scores=[1, 2, 3, 4, 5, 6, 7])
    offered = {"pool": pool_of(*responses), "prompts": ["Why?"]}
    needs = [offered[need] for need in GIVEN[name] if need in offered]
    alone = [
        plain(FUNCTIONS[name](texts(response, prompts=[prompt], scores=[score]), *needs))[0]
        for response, prompt, score in zip(some.responses, some.prompts, some.scores, strict=True)
    ]
    assert np.array_equal(plain(FUNCTIONS[name](some, *needs)), alone, equal_nan=True)


@pytest.mark.parametrize("name", OF_TEXT)
def test_hostile_text_takes_no_longer_than_its_length(name):
    hostile = [
        "\n" * 40_000,
        "[" * 40_000,
        "<a " * 13_000,
        "`" * 39_999,
        "." * 40_000,
        " " * 40_000,
        "as " * 13_000,
        "I" * 40_000,
        ".)" * 20_000,
    ]
    hostile += [
        ". " * 20_000 + "x",
        "you are " * 5_000,
        "you are" + " so" * 13_000,
        "|\n" * 20_000,
        "www." * 10_000,
        "![](" * 10_000,
        "f" + "u" * 40_000,
        "eyJ" * 13_000,
        "sk-" * 13_000 + "@",
        "a@" * 20_000,
        "1 " * 20_000,
        "+1" * 20_000,
        "1." * 20_000,
        "a:" * 20_000,
        "AB12" * 10_000,
        "'" * 40_000,
        "a' " * 13_000,
        "! - " + "a" * 40_000 + "%",
        "! -" * 13_000,
        "sorry " * 7_000,
        "I'm " * 10_000,
        "//" * 20_000 + "PRIVATE KEY-----" * 10,
    ]
    started = time.process_time()
    measure(name, texts(*hostile, prompts=hostile))
    assert time.process_time() - started < 4


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(ANY, min_size=1, max_size=4))
@pytest.mark.parametrize("module", ["boilerplate", "insults", "links", "other_answers", "placeholders"])
def test_a_quick_look_misses_nothing_that_the_slow_one_finds(module, some):
    signal = importlib.import_module(f"{SIGNALS}.{module}")
    [pattern] = [each for each in vars(signal).values() if isinstance(each, re.Pattern)]
    both = texts(*some, prompts=some)
    prose = {"boilerplate": both.responses, "placeholders": both.prompts}.get(module, both.prose)
    assert FUNCTIONS[module](both).tolist() == [len(pattern.findall(text)) for text in prose]
