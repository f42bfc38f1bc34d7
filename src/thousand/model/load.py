"""Loading a model from a local folder: weights and tokenizer, nothing fetched, nothing executed."""

from __future__ import annotations

import contextlib
import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from thousand.errors import DataError

transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()  # its warnings speak to programmers; what matters here is said by us


@dataclass(frozen=True)
class Model:
    """A causal language model and its tokenizer.

    Attributes:
        folder: where it was loaded from.
        network: the transformers model, in evaluation mode.
        tokenizer: its tokenizer, padding on the left, with a pad token.
    """

    folder: Path
    network: Any
    tokenizer: Any

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        device: torch.device = self.network.device
        return device

    @property
    def context(self) -> int:
        """Longest sequence in tokens."""
        return _context(self.network.config)

    @property
    def chats(self) -> bool:
        """Whether it has a chat template: a base has none."""
        return self.tokenizer.chat_template is not None


def context_of(folder: str | Path) -> int:
    """Longest sequence in tokens of the model in a folder, whose weights stay where they are.

    Raises:
        DataError: the folder holds no transformers model.
    """
    try:
        return _context(transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"The model at {folder} cannot be loaded: {str(error)[:300]}") from error


def _context(config: Any) -> int:
    return int(getattr(config.get_text_config(), "max_position_embeddings", 2048))


def load(folder: str | Path, *, precision: str = "float32") -> Model:
    """Load a model from a folder, on the GPU where there is one; weights that will be shared out wait in main memory.

    Raises:
        DataError: the folder is missing or holds no transformers model.
    """
    path = Path(folder)
    tokenizer = load_tokenizer(path)
    settle()
    later = _is_given_weights()
    try:
        network: Any = transformers.AutoModelForCausalLM.from_pretrained(
            path,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=getattr(torch, precision),
            device_map={"": "meta"} if later else None,
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise DataError(f"The model at {path} cannot be loaded: {str(error)[:300]}") from error  # some name every model there is
    if later:
        # Room that costs nothing until it is written to. Weights without a place in memory would not do: by their places the
        # optimizer's are told apart when they are shared out.
        network._apply(lambda each: torch.empty_like(each, device="cpu") if each.is_meta else each).tie_weights()
    if torch.cuda.is_available() and not sharded():
        network = network.to("cuda")
    return Model(path, network.eval(), tokenizer)


def sharded() -> bool:
    """Whether a launcher had weights shared out among its processes, so that none of their GPUs needs room for all."""
    return any(os.environ.get(name, "").lower() == "true" for name in ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"))


def _is_given_weights() -> bool:
    """Whether another process of this machine reads the weights, and this one gets its part of them later."""
    from transformers.distributed.fsdp import is_fsdp_enabled
    from transformers.distributed.utils import is_local_dist_rank_0

    return is_fsdp_enabled() and not is_local_dist_rank_0()


def load_tokenizer(folder: str | Path) -> Any:
    """The tokenizer of a model alone; its weights stay where they are.

    Raises:
        DataError: the folder is missing or holds no transformers model.
    """
    path = Path(folder)
    if not (path / "config.json").is_file():
        raise DataError(
            f"There is no model at {path}.",
            "Give a folder with config.json, weights and tokenizer, as `save_pretrained` writes them; nothing is downloaded.",
        )
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"The model at {path} cannot be loaded: {str(error)[:300]}") from error
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def settle() -> None:
    """Make the process fit the machine: no more threads than cores, and freed memory kept for the next tensor.

    With more threads than cores OpenMP spins instead of working. And glibc gives every large block back to the system and
    asks for it again at the next step, which took a quarter of the time of training a small model on a CPU.
    """
    torch.set_num_threads(min(torch.get_num_threads(), len(os.sched_getaffinity(0))))
    with contextlib.suppress(OSError, AttributeError):  # another C library: nothing to set
        mallopt = ctypes.CDLL(None).mallopt
        for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(option, 1 << 30)
        mallopt(_TOP_PAD, 1 << 28)


_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h
