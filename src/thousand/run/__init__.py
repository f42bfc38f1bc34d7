"""A recipe carried out: every verb, for every arm and seed, in order; what is finished is found and not done again."""

from thousand.run.checks import check_answers, check_recipe
from thousand.run.pool import Pool
from thousand.run.run import prepare, run
from thousand.run.stages import Listener, Silent

__all__ = ["Listener", "Pool", "Silent", "check_answers", "check_recipe", "prepare", "run"]
