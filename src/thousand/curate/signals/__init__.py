"""The signals: each module measures one thing about candidates, one number each, NaN where it cannot.

A signal is a function named as its module. It asks for what it needs by the names of its positional parameters: ``texts``
(the candidates), ``pool`` (statistics of the whole pool), ``base`` (the base model), ``prompts`` (the held-out prompts),
``cache`` (a folder for answers that were paid for). Its options, for the recipe to set, are keyword-only.
The first line of the module's docstring completes the sentence
"This signal is ...". A rule is a band of values that a signal may have.
"""
