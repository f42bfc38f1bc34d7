"""The judges: each module is one kind, named as in a recipe. A judge is made from its options and then rates or compares.

A function named as its module takes its options (keyword-only) and returns a `thousand.judge.Rater` or a `Comparer`, or verdicts that
were given elsewhere, `Imported`. It asks for what else it needs by name: ``kept``, a folder for what is paid, and ``models``, the folders
of the models that answered.
"""
