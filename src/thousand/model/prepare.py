"""A base is made ready to learn to talk: its form of a conversation, its end of turn, its pad token.

LIMA's form has an end-of-turn token after every utterance and no names of roles. The end of turn is a token of its own, not the
base's end of text, so that it carries no meaning from pretraining (LIMA, section 2). A reserved token that the tokenizer already
has is taken; otherwise a row is added to the embedding. A model that has a chat template of its own may keep it.
"""

from __future__ import annotations

from typing import Any, Literal

import jinja2
import torch

from thousand.errors import RecipeError
from thousand.model.load import Model

END_OF_TURN = "<|eot|>"
Template = Literal["lima", "own"]
_RESERVED = (
    "<|eot|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<end_of_turn>",
    "<|reserved_special_token_0|>",
    "<|reserved_0|>",
    "[unused0]",
    "<unused0>",
)
_PAD = "<|pad|>"
_PADS = (_PAD, "<pad>", "[PAD]", "<|finetune_right_pad_id|>")

_LIMA = (
    "{{{{ bos_token or '' }}}}{{% for m in messages %}}"
    "{{% if m['role'] == 'assistant' %}}{{% generation %}}{{{{ m['content'] + '{eot}' }}}}{{% endgeneration %}}"
    "{{% else %}}{{{{ m['content'] + '{eot}' }}}}{{% endif %}}{{% endfor %}}"
)
_LIMA_INSTEAD = "Set align.template to lima: LIMA's form takes its place."


def prepare(model: Model, end_of_turn: str | None = None, template: Template | None = None) -> int:
    """Give a model its end-of-turn token, its pad token and its chat template.

    Args:
        end_of_turn: a token for LIMA's form; None takes a reserved one of the tokenizer, or adds one.
        template: ``lima`` writes LIMA's form into the tokenizer, whatever it has; ``own`` keeps the model's template and the token
            that ends turns in it; None keeps a template where there is one and no ``end_of_turn`` is named.

    Returns:
        The end of turn's id. It is the tokenizer's ``eos_token`` from now on, and ends what the model generates.

    Raises:
        RecipeError: the model's own template is wanted, and it has none or one by which nobody would learn to stop.
    """
    if template is None:
        template = "own" if model.chats and end_of_turn is None else "lima"
    if template == "own" and end_of_turn is not None:
        raise RecipeError(
            "align.end_of_turn is a token for LIMA's form, and align.template says own.", "Leave one of the two out of the recipe."
        )
    fresh, stops = False, list[int]()
    if template == "own":
        token, stops = _own_end_of_turn(model), _stops(model)
    else:
        token, fresh = _write_lima(model, end_of_turn)
    tokenizer, network = model.tokenizer, model.network
    ident = int(tokenizer.convert_tokens_to_ids(token))
    _give_pad(tokenizer, {ident, tokenizer.eos_token_id, *stops})
    if len(tokenizer) > network.get_input_embeddings().weight.shape[0]:
        network.resize_token_embeddings(len(tokenizer))
    if (fresh or _untrained(network, ident)) and tokenizer.eos_token_id is not None:
        _copy_row(network, tokenizer.eos_token_id, ident)
    tokenizer.eos_token = token
    network.config.pad_token_id = network.generation_config.pad_token_id = tokenizer.pad_token_id
    network.config.eos_token_id = ident
    network.generation_config.eos_token_id = [ident, *(each for each in stops if each != ident)] if stops else ident
    return ident


def _untrained(network: Any, ident: int) -> bool:
    """Whether a token's row is much smaller than others: it was reserved, and pretraining never used it."""
    norms = network.get_input_embeddings().weight.detach().norm(dim=1)
    return bool(norms[ident] < norms.median() / 2)


def _write_lima(model: Model, named: str | None) -> tuple[str, bool]:
    """Write LIMA's form into the tokenizer; returns its end of turn, and whether its row has learnt nothing yet."""
    tokenizer = model.tokenizer
    vocabulary = tokenizer.get_vocab()
    token = named or next((each for each in _RESERVED if each in vocabulary), END_OF_TURN)
    reserved = token.startswith(("<|reserved", "[unused", "<unused")) and token != tokenizer.eos_token
    tokenizer.add_special_tokens({"extra_special_tokens": [token]}, replace_extra_special_tokens=False)
    tokenizer.chat_template = _LIMA.format(eot=token.replace("\\", "\\\\").replace("'", "\\'"))
    return token, token not in vocabulary or reserved


def _own_end_of_turn(model: Model) -> str:
    """The token that ends the assistant's turn in a model's own chat template: the first special one after what it says."""
    tokenizer = model.tokenizer
    if not model.chats:
        raise RecipeError(f"align.template: own, and the model at {model.folder} has no chat template.", _LIMA_INSTEAD)
    refused = f"The chat template of the model at {model.folder} cannot be trained with: "
    said = [{"role": "user", "content": "A question."}, {"role": "assistant", "content": "An answer."}]
    try:
        asked = tokenizer.apply_chat_template(said[:1], tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template(said, tokenize=False)
    except (jinja2.TemplateError, ValueError) as error:
        raise RecipeError(f"{refused}{str(error)[:200]}", _LIMA_INSTEAD) from error
    opening, found, rest = whole[len(asked) :].partition(said[1]["content"])
    if not (whole.startswith(asked) and found) or _specials(tokenizer, opening):
        raise RecipeError(f"{refused}what it asks with is not the start of what it shows when answered.", _LIMA_INSTEAD)
    if not _specials(tokenizer, rest):
        raise RecipeError(f"{refused}no special token follows the assistant's turn, only {rest!r}: it would never stop.", _LIMA_INSTEAD)
    return str(_specials(tokenizer, rest)[0])


def _specials(tokenizer: Any, text: str) -> list[str]:
    """The special tokens in a text."""
    known = tokenizer.added_tokens_decoder
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return [known[each].content for each in ids if each in known and known[each].special]


def _stops(model: Model) -> list[int]:
    """What ends the model's generation so far."""
    configured = model.network.generation_config.eos_token_id
    return configured if isinstance(configured, list) else [] if configured is None else [configured]


def _give_pad(tokenizer: Any, taken: set[int | None]) -> None:
    """A pad token that means nothing else, of the tokenizer's own where it has one to spare."""
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id in taken:
        vocabulary = tokenizer.get_vocab()
        spare = (each for each in _PADS if each in vocabulary and vocabulary[each] not in taken)
        tokenizer.add_special_tokens({"pad_token": next(spare, _PAD)})


def _copy_row(network: Any, source: int, target: int) -> None:
    """Start a token's row as another's, with noise of a tenth of its spread so that the two can part.

    The usual mean of all rows is no good for an end of turn: with tied weights it scores like an average word, and a few hundred
    steps do not make it the likeliest where a turn is over.
    """
    generator = torch.Generator().manual_seed(target)
    layers = [network.get_input_embeddings()]
    if network.get_output_embeddings() is not None and network.get_output_embeddings().weight is not layers[0].weight:
        layers.append(network.get_output_embeddings())
    with torch.no_grad():
        for layer in layers:
            row = layer.weight[source]
            noise = torch.randn(row.shape, generator=generator).to(row) * row.std() * 0.1
            layer.weight[target] = row + noise
            if getattr(layer, "bias", None) is not None:
                layer.bias[target] = layer.bias[source]
