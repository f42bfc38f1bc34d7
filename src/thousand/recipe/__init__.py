"""A run as its user writes it: one YAML file, read into checked models; a module for each part of it."""

from thousand.recipe.align import PRESETS, Adapter, Align, Choosing
from thousand.recipe.answer import Answer
from thousand.recipe.arm import Arm, Between, Kind, Wanted
from thousand.recipe.curate import Band, Clean, Contamination, Curate, Duplicates
from thousand.recipe.file import dump, load
from thousand.recipe.knowledge import Harness, Knowledge
from thousand.recipe.margin import Margin
from thousand.recipe.part import Choice, Part
from thousand.recipe.recipe import Prompts, Recipe

__all__ = [
    "PRESETS",
    "Adapter",
    "Align",
    "Answer",
    "Arm",
    "Band",
    "Between",
    "Choice",
    "Choosing",
    "Clean",
    "Contamination",
    "Curate",
    "Duplicates",
    "Harness",
    "Kind",
    "Knowledge",
    "Margin",
    "Part",
    "Prompts",
    "Recipe",
    "Wanted",
    "dump",
    "load",
]
