"""Low-rank adapters in the base's place (LoRA, Hu et al. 2021; on a quantised base QLoRA, Dettmers et al. 2023).

The row of the end of turn is trained beside them, in the embedding and in the last layer: it may be new, or reserved and
never trained, and adapters alone cannot make a token likely whose row says nothing.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from thousand.align.saving import save_model
from thousand.errors import RecipeError
from thousand.model import Model, load, load_tokenizer
from thousand.recipe import Adapter

ADAPTER = "adapter"
"""Where in a model's folder the adapter stands by itself."""


def load_base(folder: str | Path, settings: Adapter) -> Model:
    """Load a base to train adapters on, quantised where the settings say so.

    Four bits are NF4 with quantised constants, computed in bfloat16 (QLoRA, sections 2 and 3); eight are LLM.int8.

    Raises:
        RecipeError: peft is not installed, or the base is to be quantised and bitsandbytes or a GPU is missing.
        DataError: the folder holds no transformers model.
    """
    _needs_peft()
    if settings.bits is None:
        return load(folder)
    if not torch.cuda.is_available():
        raise RecipeError(
            f"align.adapter.bits: a base in {settings.bits} bits needs an NVIDIA GPU, and there is none here.",
            "Leave bits out: the adapter is then trained on the base as it is.",
        )
    _needs("bitsandbytes", f"a base in {settings.bits} bits needs bitsandbytes, which is not installed", "pip install bitsandbytes")
    import transformers

    tokenizer = load_tokenizer(folder)
    quantised = transformers.BitsAndBytesConfig(
        load_in_4bit=settings.bits == 4,
        load_in_8bit=settings.bits == 8,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    device = {"": torch.cuda.current_device()}
    network = transformers.AutoModelForCausalLM.from_pretrained(
        folder, **_LOCAL, dtype=torch.bfloat16, quantization_config=quantised, device_map=device
    )
    return Model(Path(folder), network.eval(), tokenizer)


def attach(model: Model, settings: Adapter, *, seed: int = 0) -> Model:
    """The model with adapters; its base is frozen.

    Args:
        model: prepared, so that its tokenizer's end of turn is the one that will be trained.
        seed: of the adapters' weights.

    Raises:
        RecipeError: peft is not installed, or the model or a target in it cannot have an adapter.
    """
    _needs_peft()
    import peft

    network = model.network
    _check_last_layer(network)
    config = peft.LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,  # type: ignore[arg-type]
        lora_dropout=settings.dropout,
        target_modules=_targets(network, settings),
        trainable_token_indices={name: [model.tokenizer.eos_token_id] for name in _token_layers(network)},
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(), _quietly():
        torch.manual_seed(seed)
        try:
            wrapped = peft.get_peft_model(network, config)
        except ValueError as error:
            raise RecipeError(f"align.adapter: {error}", _EXPERTS if "lora_dropout" in str(error) else "") from error
    last = wrapped.get_output_embeddings()
    if not hasattr(last, "bias"):  # peft's wrapper of the end of turn's row shows the weights only, and TRL's loss asks for both
        last.register_parameter("bias", None)
    return Model(model.folder, wrapped, model.tokenizer)


def save(model: Model, folder: Path, precision: str, weights: Mapping[str, torch.Tensor] | None = None) -> None:
    """Write a model with adapters: these to ``folder/adapter``, and the merged model, which is loaded from ``folder`` like any other.

    One without is written as it is. The weights in training stay as they are: what is merged is the adapter as it was written, with
    the base as it is on disk, so that a base that was quantised for training is merged in full.

    Args:
        precision: of the merged weights as they are written.
        weights: from `gather`, where the model in this process may not have them all.
    """
    network, adapter = model.network, folder / ADAPTER
    if not hasattr(network, "peft_config"):
        save_model(model, folder, precision, weights)
        return
    weights = network.state_dict() if weights is None else weights
    config = network.peft_config["default"]
    if isinstance(config.target_modules, set):  # which would be written in another order each time
        config.target_modules = sorted(config.target_modules)
    with _quietly():
        network.save_pretrained(adapter, state_dict=weights, save_embedding_layers=False)
    (adapter / "README.md").unlink()  # a form with nothing filled in
    model.tokenizer.save_pretrained(adapter)
    save_model(_merged(model, adapter, weights), folder, precision)


def _merged(model: Model, adapter: Path, weights: Mapping[str, torch.Tensor]) -> Model:
    import peft
    import transformers

    plain: Any = transformers.AutoModelForCausalLM.from_pretrained(model.folder, **_LOCAL, dtype=torch.float32)
    trained = {name: weights[f"base_model.model.{name}.token_adapter.base_layer.weight"] for name in _token_layers(plain)}
    known, rows = (len(each) for each in (plain.get_input_embeddings().weight, next(iter(trained.values()))))
    if rows > known:
        plain.resize_token_embeddings(rows, mean_resizing=False)
        for name, weight in trained.items():
            plain.get_submodule(name).weight.data[known:] = weight[known:].to(torch.float32)
    plain.config.eos_token_id, plain.config.pad_token_id = model.network.config.eos_token_id, model.network.config.pad_token_id
    plain.generation_config = model.network.generation_config
    with _quietly():
        merged = peft.PeftModel.from_pretrained(plain, adapter).merge_and_unload()
    return Model(model.folder, merged, model.tokenizer)


@contextmanager
def _quietly() -> Iterator[None]:
    """While peft finds out which layers of GPT-2 lie the other way round, which of its names transformers will change, and says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _targets(network: Any, settings: Adapter) -> str | list[str]:
    if settings.targets == "all-linear":
        return "all-linear"
    targets = [settings.targets] if isinstance(settings.targets, str) else settings.targets
    layers = [name for name, _ in network.named_modules()]
    unknown = [each for each in targets if not any(f".{name}".endswith(f".{each}") for name in layers)]
    ends = _named(network, network.get_input_embeddings(), network.get_output_embeddings())
    taken = [each for each in targets if any(f".{name}".endswith(f".{each}") for name in ends)]
    if unknown or taken:
        raise RecipeError(
            f"align.adapter.targets: {(unknown or taken)[0]!r} is "
            + ("no layer of this model." if unknown else "a layer of tokens: of those only the end of turn's row is trained."),
            "Say all-linear, or name layers between the embedding and the last, such as q_proj and v_proj.",
        )
    return targets


def _token_layers(network: Any) -> list[str]:
    """The names of the embedding and, where it has weights of its own, of the last layer."""
    embedding, last = network.get_input_embeddings(), network.get_output_embeddings()
    return _named(network, embedding, None if last is None or last.weight is embedding.weight else last)


def _named(network: Any, *modules: Any) -> list[str]:
    return [name for name, module in network.named_modules() if any(module is each for each in modules)]


def _check_last_layer(network: Any) -> None:
    if getattr(network.get_output_embeddings(), "bias", None) is not None:
        raise RecipeError(
            f"align.adapter: the last layer of a model of type {network.config.model_type!r} has a bias, which peft leaves out.",
            "Train the whole model: leave adapter out.",
        )


def _needs_peft() -> None:
    _needs("peft", "adapters need peft, which is not installed", "pip install 'thousand[adapters]'")


def _needs(module: str, what: str, remedy: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError:
        raise RecipeError(f"align.adapter: {what}.", f"Install it: {remedy}") from None


_EXPERTS = (
    "The experts of a mixture lie in one tensor, where adapters can have no dropout: set adapter.dropout to 0, or name targets "
    "outside them, such as q_proj and v_proj."
)
_LOCAL = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
