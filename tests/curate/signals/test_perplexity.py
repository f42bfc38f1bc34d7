"""Perplexity: likelihood on another scale."""

from __future__ import annotations

import numpy as np
import pytest

from tests.curate.signals.facts import pairs, texts
from tests.small import shipped
from thousand.curate.signals.likelihood import likelihood
from thousand.curate.signals.perplexity import perplexity


def test_it_is_the_exponential_of_the_mean_loss():
    some = texts(pairs().prompts[:5], pairs().right[:5])
    values = perplexity(some, shipped()).values
    assert (values > 1).all()
    assert np.log(values) == pytest.approx(-likelihood(some, shipped()).values, abs=1e-9)


def test_the_base_is_more_surprised_by_what_it_has_not_seen():
    known, strange = perplexity(texts(["Who?"] * 2, [pairs().right[0], "Zq xv wk jj qz vvx kkw."]), shipped()).values
    assert strange > 10 * known


def test_what_cannot_be_scored_is_null_with_the_reason():
    found = perplexity(texts(["Who?", "Who?"], ["", "Nobody."]), shipped())
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.reasons == ["the answer is empty", None]
