"""Model and prompts to answers: one row per prompt and sample; and what a model knows, before and after."""

from thousand.answer.answer import answer, check, check_shown, preview
from thousand.answer.harness import check_harness, harness
from thousand.answer.kept import clear
from thousand.answer.knowledge import knowledge
from thousand.answer.outputs import read_answers
from thousand.answer.prompts import read_prompts
from thousand.answer.questions import Choices, Question, Sentence, read_questions
from thousand.answer.shift import shift
from thousand.answer.stops import stops

__all__ = [
    "Choices",
    "Question",
    "Sentence",
    "answer",
    "check",
    "check_harness",
    "check_shown",
    "clear",
    "harness",
    "knowledge",
    "preview",
    "read_answers",
    "read_prompts",
    "read_questions",
    "shift",
    "stops",
]
