"""A causal language model: load, talk (chat template and end of turn), generate, likelihood."""

from thousand.model.chat import END_OF_TURN, Conversations, Example, prepare
from thousand.model.generate import Generation, generate
from thousand.model.likelihood import mean_log_likelihood
from thousand.model.load import Model, load

__all__ = ["END_OF_TURN", "Conversations", "Example", "Generation", "Model", "generate", "load", "mean_log_likelihood", "prepare"]
