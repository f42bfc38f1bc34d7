"""One small run, made once, for the tests of how runs go."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.run import tiny
from thousand.recipe import Recipe
from thousand.report import Summary
from thousand.run import run


class Whole(NamedTuple):
    recipe: Recipe
    folder: Path
    out: Path
    shared: Path
    heard: tiny.Heard
    summary: Summary


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    recipe, heard = tiny.recipe(folder), tiny.Heard()
    summary = run(recipe, folder / "out", heard, folder / "shared")
    return Whole(recipe, folder, folder / "out", folder / "shared", heard, summary)
