"""What runs a model: each module is one, a function of the same name from the settings to a `Local` or a `Remote`.

Its keyword-only parameters are its options. It refuses a setting that it cannot honour, before any model is loaded.
"""
