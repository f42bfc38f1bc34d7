"""Model and prompts to answers: one row per prompt and sample; and what a model knows, before and after."""

from thousand.answer.answer import answer
from thousand.answer.knowledge import knowledge
from thousand.answer.prompts import read_prompts, read_questions

__all__ = ["answer", "knowledge", "read_prompts", "read_questions"]
