"""The built-in world: corpus, base, pool with hidden truth, prompts, oracle. To the verbs it is data like any other."""
