"""A recipe carried out: every verb, for every arm and seed, in order; what is finished is found and not done again."""

from thousand.run.checks import check_answers, check_recipe
from thousand.run.pool import Pool
from thousand.run.run import prepare, run, run_shard
from thousand.run.shards import Shard, Sharded
from thousand.run.stages import Listener, Silent
from thousand.run.study import runs_of, study, study_shard

__all__ = [
    "Listener",
    "Pool",
    "Shard",
    "Sharded",
    "Silent",
    "check_answers",
    "check_recipe",
    "prepare",
    "run",
    "run_shard",
    "runs_of",
    "study",
    "study_shard",
]
