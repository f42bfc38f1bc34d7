"""What holds of every signal that measures text alone."""

import inspect
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.hand_made import pool_of, texts
from thousand import registry
from thousand.curate.measure import SIGNALS

FUNCTIONS = {name: registry.find(SIGNALS, name, "") for name in registry.names(SIGNALS)}
GIVEN = {name: list(inspect.signature(function).parameters)[1:] for name, function in FUNCTIONS.items()}
OF_TEXT = sorted(name for name, needs in GIVEN.items() if "base" not in needs)
SHARES = {"capitals", "repetition", "echoed", "acknowledged", "ended", "open_fences"}
NOT_KNOWN = {"capitals", "repetition", "echoed", "acknowledged", "score"}
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
]
ANY = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=10), max_size=8).map("".join)


def measure(name, some):
    offered = {"pool": pool_of(*some.responses), "prompts": ["What is the name of the old bridge in the town?", "Why?"]}
    return FUNCTIONS[name](some, *(offered[need] for need in GIVEN[name] if need in offered))


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
    responses = ["I think so. I think so.", "See http://x.example now", "", "WELL, you idiot!", "- one\n- two"]
    some = texts(*responses, prompts=["I think what?", "Where?", "Why?", "Well?", "Which?"], scores=[1, 2, 3, 4, 5])
    offered = {"pool": pool_of(*responses), "prompts": ["Why?"]}
    needs = [offered[need] for need in GIVEN[name] if need in offered]
    alone = [
        FUNCTIONS[name](texts(response, prompts=[prompt], scores=[score]), *needs)[0]
        for response, prompt, score in zip(some.responses, some.prompts, some.scores, strict=True)
    ]
    assert np.array_equal(FUNCTIONS[name](some, *needs), alone, equal_nan=True)


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
    ]
    started = time.process_time()
    measure(name, texts(*hostile, prompts=hostile))
    assert time.process_time() - started < 4
