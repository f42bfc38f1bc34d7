"""the mean log-probability per token that the base gives the response after the prompt, in nats.

By itself it does not tell good from bad: it is high for whatever manner pretraining had most of.
"""

from thousand.curate.texts import Texts, Values
from thousand.model import Model, mean_log_likelihood


def likelihood(texts: Texts, base: Model, *, form: str = "Question: {prompt} Answer: ", batch: int = 64) -> Values:
    return mean_log_likelihood(base, [form.replace("{prompt}", prompt) for prompt in texts.prompts], texts.responses, batch=batch)
