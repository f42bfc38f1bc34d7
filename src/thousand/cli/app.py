"""What all commands share: the application, common options, errors and how results are printed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from thousand.errors import RecipeError, ThousandError
from thousand.version import __version__

if TYPE_CHECKING:
    from thousand.recipe import Part

P = TypeVar("P", bound="Part")
FAILED, WRONG_RECIPE, STOPPED = 1, 2, 130
app = typer.Typer(
    name="thousand",
    help="Choose the few examples that align a language model, and prove that they do.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

Out = Annotated[Path, typer.Option("--out", help="Where to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Base = Annotated[Path, typer.Option("--base", help="The base model: a folder that transformers can load.")]
EngineName = Annotated[
    str | None, typer.Option("--engine", help="Who works on the pool: here, local, local:4, ray or ray://host:10001; local when not given.")
]
Seed = Annotated[int, typer.Option("--seed", help="Decides whatever is random.")]
Var = Annotated[list[str] | None, typer.Option("--var", help="NAME=VALUE for ${NAME} in the recipe; may be given again.")]


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 failed, 2 the recipe or the command is wrong, 130 stopped."""
    try:
        app()
    except RecipeError as error:
        _complain(error)
        sys.exit(WRONG_RECIPE)
    except ThousandError as error:
        _complain(error)
        sys.exit(FAILED)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _complain(ThousandError(f"{error.strerror or error}{place}.", "Check the path, who may write there, and the room on the disk."))
        sys.exit(FAILED)
    except SystemExit as error:
        if error.code == STOPPED:  # typer has caught the interrupt
            Console(stderr=True).print("Stopped. What was finished is kept; the same command goes on from there.")
        raise


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched unless a recipe names something remote
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if version:
        typer.echo(f"thousand {__version__}")
        raise typer.Exit


def variables(given: list[str] | None) -> dict[str, str]:
    """NAME=VALUE, as given again and again."""
    variables = {}
    for each in given or []:
        name, equals, value = each.partition("=")
        if not equals:
            raise RecipeError(f"{each!r} is not NAME=VALUE.")
        variables[name] = value
    return variables


def settings_of(part: type[P], given: list[str] | None) -> P:
    """A part of a recipe from ``--set NAME=VALUE``, each value as YAML has it.

    Raises:
        RecipeError: a name or a value that the part does not have.
    """
    import yaml
    from pydantic import ValidationError

    values = {}
    for name, value in variables(given).items():
        try:
            values[name] = yaml.safe_load(value)
        except (yaml.YAMLError, ValueError):
            raise RecipeError(f"--set {name}={value}: the value is not YAML.") from None
    try:
        return part.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        raise RecipeError(f"--set {'.'.join(map(str, problem['loc']))}: {problem['msg'].removeprefix('Value error, ')}.") from None


def print_result(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """The result as JSON, or in words."""
    typer.echo(json.dumps(result, default=str, indent=1) if as_json else sentence)


def _complain(error: ThousandError) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), style="red", markup=False)
