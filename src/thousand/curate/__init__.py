"""Candidates to ledger: every signal and every reason against each candidate; nothing is deleted, all is accounted for."""

from thousand.curate.curate import Curated, account, curate, needs_base, plan

__all__ = ["Curated", "account", "curate", "needs_base", "plan"]
