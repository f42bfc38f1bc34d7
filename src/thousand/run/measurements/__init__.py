"""Further measurements of the claim, one module each, named as in the recipe's ``measure``.

The function of a module is called with the run's `thousand.run.work.Work` and the claim as it was done, `thousand.run.arms.Trained`;
its keyword-only parameters are what a recipe may set. It does its stages by ``work.stages.once`` and returns the path of its table,
which is ``work.directory.measured(NAME)``.
"""
