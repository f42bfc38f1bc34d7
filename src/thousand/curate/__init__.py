"""Candidates to ledger: every signal and every reason against each candidate; nothing is deleted, all is accounted for."""

from thousand.curate.curate import Curated, account, curate, needs_base, plan
from thousand.curate.explain import Life, Measure, explain
from thousand.curate.held_out import near_to_prompts
from thousand.curate.presets import Rule, catalogue

__all__ = ["Curated", "Life", "Measure", "Rule", "account", "catalogue", "curate", "explain", "near_to_prompts", "needs_base", "plan"]
