"""The first verb: every source becomes one row form, in one table; what could not be read stands beside it with its reason.

A source form is one module of `thousand.gather.forms`, named as in the recipe. It turns files into rows (`rows.py`); how a
file is found, opened and split is shared (`files.py`, `readers/`, `xml.py`, `html.py`).
"""

from thousand.gather.fingerprint import fingerprint
from thousand.gather.gather import Counts, Gathered, gather
from thousand.gather.pairs import Pairs, read_pairs
from thousand.gather.sample import Sample, sample

__all__ = ["Counts", "Gathered", "Pairs", "Sample", "fingerprint", "gather", "read_pairs", "sample"]
