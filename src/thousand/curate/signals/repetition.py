"""the share of the response's sentences that it has said before."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from thousand.curate.texts import Measured, Texts

_SPACE = r"[\s\x{0b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_SENTENCE_END = rf"([.!?])[\"')\]]*{_SPACE}+"  # as `thousand.curate.texts.sentences` has it, for RE2, which reads all rows at once


def repetition(texts: Texts) -> Measured:
    lines = pc.replace_substring_regex(pa.array(texts.prose, pa.large_string()), _SENTENCE_END, "\\1\n").to_pylist()
    return Measured(np.array([_share(each) for each in lines], dtype=np.float64), ["no sentences"] * len(texts))


def _share(lines: str) -> float:
    """Of a text with one sentence in each line."""
    said = [sentence.lower() for line in lines.split("\n") if (sentence := line.strip())]
    return 1 - len(set(said)) / len(said) if said else np.nan
