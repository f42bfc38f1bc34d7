"""What `benchmarks/coverage.py` measures at length, in small."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    module.DRAWS = 400
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("name", ["ratings, 100 prompts x 3 samples", "verdicts, 100 prompts x 3 samples"])
def test_whole_prompts_cover_what_rows_do_not(coverage, name):
    """300 trials: at 95% the share has a standard error of 1.3 points."""
    world = coverage.WORLDS[name]
    assert 0.91 <= coverage.covered(world, coverage.whole_prompts, 300) <= 0.98
    assert coverage.covered(world, coverage.rows, 300) < 0.85
