"""The strategies: each module chooses rows in one way, as a function over plain arrays, named as its module.

A strategy asks for what it needs by the names of its positional parameters: ``count`` (rows to choose from), ``budget``,
``seed``, ``lengths`` (characters of the response), ``quality`` (0 to 1, a rank), ``vectors`` (unit vectors of the prompts).
Its options, for the recipe to set, are keyword-only. Rows come in an order that depends on their content alone, so a
strategy that treats them in order does not depend on the order of anybody's file.
"""
