"""A causal language model: load, talk (chat template and end of turn), generate, likelihood, states."""

from thousand.model.chat import Conversations, Example
from thousand.model.generate import Generation, check_room, generate
from thousand.model.likelihood import mean_log_likelihood
from thousand.model.load import Model, context_of, load, load_tokenizer
from thousand.model.perplexity import perplexity
from thousand.model.prepare import END_OF_TURN, prepare
from thousand.model.states import mean_states

__all__ = [
    "END_OF_TURN",
    "Conversations",
    "Example",
    "Generation",
    "Model",
    "check_room",
    "context_of",
    "generate",
    "load",
    "load_tokenizer",
    "mean_log_likelihood",
    "mean_states",
    "perplexity",
    "prepare",
]
