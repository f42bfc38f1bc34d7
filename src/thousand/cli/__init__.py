"""The command line: one command per verb, thin. Results go to standard output, progress and errors to standard error."""

from thousand.cli.app import FAILED, STOPPED, WRONG_RECIPE, app, main

# a module for what is asked together; `--help` lists the commands in this order
from thousand.cli import run, report, pool, select, desk, review, model, answers, lab  # isort: skip

__all__ = [
    "FAILED",
    "STOPPED",
    "WRONG_RECIPE",
    "answers",
    "app",
    "desk",
    "lab",
    "main",
    "model",
    "pool",
    "report",
    "review",
    "run",
    "select",
]
