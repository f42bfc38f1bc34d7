"""The judges: each module is one kind, named as in a recipe. A judge is made from its options and then rates or compares.

A function named as its module takes its options (keyword-only) and returns a `thousand.judge.judge.Rater` or a `Comparer`.
"""
