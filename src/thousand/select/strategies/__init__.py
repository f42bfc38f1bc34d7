"""The strategies: each module chooses rows in one way, as a function over plain arrays, named as its module.

A strategy asks for what it needs by the names of its positional parameters: ``budget`` (what may be taken), ``count`` (rows to
choose from), ``seed``, ``quality`` (0 to 1, a rank), ``lengths`` (characters of the response), ``vectors`` (unit vectors of the
prompts), ``strata``, any other property of `thousand.select.offer.Offer`, or a signal of the ledger by its name. Its options, for
the recipe to set, are keyword-only.

On its own a strategy takes a number for the budget; in a recipe it is a `thousand.select.budget.Budget`, which knows quotas, and
`Budget.take` may say no. Rows come in an order that depends on their content alone, so a strategy that treats them in order does
not depend on the order of anybody's file.
"""
