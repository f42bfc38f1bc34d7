"""The source forms. To add one, copy a neighbour: a module ``mine`` with a function ``mine`` is read as ``pool: - mine: ...``.

Its keyword-only parameters are the options a recipe may give. It checks them and finds its files when it is called, so that
a mistake shows at once, and returns a `thousand.gather.rows.Reading`: the pieces that can be read each by itself.
"""
