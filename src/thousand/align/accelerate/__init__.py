"""The launcher's settings that come with Thousand: ``accelerate launch --config_file ...`` starts as many processes as there are GPUs."""

from __future__ import annotations

from pathlib import Path

from thousand.errors import RecipeError


def config(name: str) -> Path:
    """The file of settings for `accelerate launch`: ``single``, ``ddp``, ``fsdp2`` or ``zero3``.

    Raises:
        RecipeError: there is none of that name.
    """
    files = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}
    if name not in files:
        raise RecipeError(f"There are no settings {name!r} for accelerate.", f"There are: {', '.join(files)}.")
    return files[name]
