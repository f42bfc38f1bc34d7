"""The laboratory as a user has it: built into a folder, and its recipes run by the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from thousand.report import Summary

RECIPES = Path(__file__).parents[2] / "recipes"


def run(recipe: Path, folder: Path, *, seeds: int = 3) -> Summary:
    """Run a recipe as a user does, from a folder that holds the laboratory it names."""
    own = folder / recipe.name
    own.write_text(recipe.read_text(encoding="utf-8").replace("\nseeds: 3", f"\nseeds: {seeds}"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "thousand.cli", "run", own.name, "--json"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Summary.model_validate_json(done.stdout)
