"""Curation may know nothing of the laboratory: no import of it, and no list of words borrowed from it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import thousand
from thousand.lab import noise, vocabulary

SOURCE = Path(thousand.__file__).parent
CURATION = sorted(path for folder in ("curate", "select", "gather") for path in (SOURCE / folder).rglob("*.py"))
VERBS = sorted(path for path in SOURCE.rglob("*.py") if "lab" not in path.relative_to(SOURCE).parts)
SIGNALS = sorted((SOURCE / "curate" / "signals").glob("*.py"))


def texts(path: Path) -> list[str]:
    """Every text in a module that is not a docstring: where word lists and patterns stand."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
    docstrings = {id(node.body[0].value) for node in documented if node.body and isinstance(node.body[0], ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def words(path: Path) -> set[str]:
    return {word for text in texts(path) for word in re.findall(r"[a-z]{3,}", re.sub(r"\\[bsSwWdDAZ]", " ", text.lower()))}


@pytest.mark.parametrize("path", VERBS, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_nothing_but_the_command_line_imports_the_laboratory(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    if path.relative_to(SOURCE).as_posix() != "cli/lab.py":
        assert not {name for name in imported if name.startswith("thousand.lab")}


@pytest.mark.parametrize("path", SIGNALS, ids=lambda path: path.stem)
def test_no_signal_lists_the_worlds_acts_or_things(path):
    """A few words are everybody's; an act or a target of the laboratory in a pattern would be a look at the key."""
    found = words(path)
    assert not found & set(vocabulary.VERBS)
    assert not found & {target.split()[-1] for target, _ in vocabulary.TARGETS}
    assert not found & {victims for _, victims in vocabulary.TARGETS}


@pytest.mark.parametrize("path", SIGNALS, ids=lambda path: path.stem)
def test_no_signal_quotes_the_pools_noise(path):
    phrases = [*noise.RUDE_OPENINGS, *noise.RUDE_CLOSINGS, *noise.RAMBLES, *noise.POINTERS, *noise.COMPLIANCES]
    patterns = " ".join(texts(path)).lower()
    for phrase in phrases:
        plain = phrase.lower().rstrip(".?!")
        assert len(plain.split()) < 3 or plain not in patterns, phrase
        for sentence in re.split(r"[.?!]\s", plain):
            assert len(sentence.split()) < 4 or sentence not in patterns, sentence


def test_the_search_would_find_what_it_looks_for(tmp_path):
    (tmp_path / "bad.py").write_text(
        f'"""Doc."""\nimport re\n_ACTS = re.compile(r"\\b(?:{vocabulary.VERBS[0]}|{vocabulary.VERBS[5]})\\b")\n'
    )
    assert words(tmp_path / "bad.py") >= {vocabulary.VERBS[0], vocabulary.VERBS[5]}
    assert len(CURATION) > 30
    assert len(SIGNALS) > 15
