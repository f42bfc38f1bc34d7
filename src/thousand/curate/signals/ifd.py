"""instruction-following difficulty: the base's loss on the response after the prompt over its loss without (Li et al. 2023).

Above 1 the prompt does not help, which the authors read as a response that does not belong to it.
"""

from thousand.curate.texts import Texts, Values
from thousand.model import Model, mean_log_likelihood


def ifd(texts: Texts, base: Model, *, form: str = "Question: {prompt} Answer: ", batch: int = 64) -> Values:
    after = mean_log_likelihood(base, [form.replace("{prompt}", prompt) for prompt in texts.prompts], texts.responses, batch=batch)
    alone = mean_log_likelihood(base, [""] * len(texts), texts.responses, batch=batch)
    ratio: Values = after / alone
    return ratio
