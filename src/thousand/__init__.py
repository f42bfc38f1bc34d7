"""Choose the few examples that align a language model, and prove that they do.

Each verb is the function of its own package, in the order of a run::

    from thousand.gather import gather
    from thousand.curate import curate
    from thousand.select import select
    from thousand.align import align
    from thousand.answer import answer
    from thousand.judge import judge
    from thousand.report import report

``thousand.run.run`` does them all as a ``thousand.recipe.Recipe`` says. Nothing is imported before it is used, so that a
program pays only for what it calls.
"""

from thousand.version import __version__

__all__ = ["__version__"]
