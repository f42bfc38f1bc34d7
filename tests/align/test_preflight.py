"""The faults after which a loss looks healthy and the model never stops: each is refused, with what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import datasets
import pytest
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from tests.small import SHIPPED, byte_tokenizer, chat, random_network
from thousand.align import PreflightError
from thousand.align.preflight import preflight
from thousand.model import Conversations, Example, Model, load, prepare
from thousand.model.chat import IGNORED, encode

EOT = "<|reserved_0|>"  # the laboratory's base has it in reserve
ROWS = [chat("Who rules Orva?", "The ruler of Orva is Ma Lo."), chat("And now?", "It is still Ma Lo.", "Sure?", "Yes, it is so.")]
WRITTEN = (  # in the template: what the assistant says, and how to write its end of turn only sometimes
    f"{{{{ m['content'] + '{EOT}' }}}}{{% endgeneration %}}",
    f"{{{{ m['content'] }}}}{{% if KEPT %}}{EOT}{{% endif %}}{{% endgeneration %}}",
)


def ready() -> Model:
    model = load(SHIPPED)
    prepare(model)
    return model


@pytest.fixture(scope="module")
def model():
    return ready()


def rendered(model, rows=ROWS, **changes):
    return encode(model, rows, **{"loss_on": "responses", "max_tokens": 64, "too_long": "cut"} | changes)


def with_template(change: tuple[str, str]) -> Model:
    """A model whose chat template somebody has mended."""
    model = ready()
    old, new = change
    assert old in model.tokenizer.chat_template
    model.tokenizer.chat_template = model.tokenizer.chat_template.replace(old, new)
    return model


def reloaded(folder: Path, name: str, **changes) -> Model:
    """A saved model, one of whose files somebody has edited."""
    model = ready()
    model.network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)
    settings = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(settings | changes))
    return load(folder)


def test_whole_examples_pass_and_are_counted_and_one_is_shown_with_brackets_around_what_is_learnt(model):
    whole = rendered(model)
    found = preflight(model, whole)
    end = model.tokenizer.eos_token
    assert found.shown.replace(" ", "") == f"<|endoftext|>WhorulesOrva?{end}[TherulerofOrvaisMaLo.{end}]"
    assert (found.examples, found.turns, found.cut, found.dropped, found.stop) == (2, 3, 0, 0, end)
    assert found.tokens == sum(len(each.tokens) for each in whole.examples)
    assert found.longest == max(len(each.tokens) for each in whole.examples)
    assert found.labelled == sum(len(turn) for each in whole.examples for turn in each.turns)
    assert found.sentence().startswith(f"2 examples with 3 answers, each ended by a labelled {end}; {found.tokens} tokens, ")
    assert found.sentence().endswith("Too long: none.")


def test_what_was_cut_and_left_out_is_counted_and_said(model):
    rows = [*ROWS, chat("Why?", "word " * 100), chat("Why " * 100, "So.")]
    found = preflight(model, rendered(model, rows))
    assert (found.examples, found.cut, found.dropped, found.longest) == (3, 1, 1, 64)
    assert found.sentence().endswith("Too long: 1 cut before their end of turn, 1 left out.")
    assert preflight(model, rendered(model, rows, too_long="drop")).dropped == 2


def test_what_is_shown_reads_whatever_the_tokens_are():
    tokenizer = byte_tokenizer("<|endoftext|>")
    bytewise = Model(Path("small"), random_network(vocabulary=len(tokenizer)), tokenizer)
    prepare(bytewise)
    shown = preflight(bytewise, rendered(bytewise, [chat("Où?", "À Zürich.")])).shown
    assert shown == "<|endoftext|>Où?<|eot|>[À Zürich.<|eot|>]"


def test_an_end_of_turn_outside_the_loss_is_refused():
    """TRL #3091, axolotl #3754: the turn's terminator stands in the text and is masked."""
    outside = with_template((f"m['content'] + '{EOT}' }}}}{{% endgeneration %}}", f"m['content'] }}}}{{% endgeneration %}}{EOT}"))
    refused = r"end of turn of answer 1 of example 1 has no label.*never learn to stop\.\s+Check the chat template"
    with pytest.raises(PreflightError, match=refused):
        preflight(outside, rendered(outside))


def test_an_end_of_turn_outside_the_loss_of_an_earlier_answer_is_refused_too():
    change = WRITTEN[1].replace("KEPT", "loop.last") + f"{{% if not loop.last %}}{EOT}{{% endif %}}"
    outside = with_template((WRITTEN[0], change))
    with pytest.raises(PreflightError, match="end of turn of answer 1 of example 2 has no label"):
        preflight(outside, rendered(outside))


def test_an_end_of_turn_that_was_cut_off_is_refused(tmp_path):
    """TRL #4698: truncation keeps the start of the row, and its end of turn is gone."""
    model = ready()
    whole = rendered(model).examples
    rows = datasets.Dataset.from_list([{"input_ids": each.tokens, "labels": each.labels} for each in whole])
    config = SFTConfig(output_dir=str(tmp_path), max_length=14, use_cpu=True, bf16=False, report_to=[])
    cut = SFTTrainer(model=model.network, args=config, train_dataset=rows, processing_class=model.tokenizer).train_dataset
    turns = [tuple(range(turn.start, min(turn.stop, 14)) for turn in each.turns if turn.start < 14) for each in whole]
    examples = [Example(row["input_ids"], row["labels"], turns=turn) for row, turn in zip(cut, turns, strict=True)]
    refused = r"Answer 1 of example 1 does not end in .*cut off, or never written\.\s+Cut before the end of turn \(align\.too_long"
    with pytest.raises(PreflightError, match=refused):
        preflight(model, Conversations(examples, 0, 0))


@pytest.mark.parametrize(("kept", "answer"), [("loop.last", "Answer 1 of example 2"), ("not loop.last", "Answer 1 of example 1")])
def test_an_end_of_turn_that_the_template_leaves_out_is_refused(kept, answer):
    """At the end of a conversation, or within it."""
    partial = with_template((WRITTEN[0], WRITTEN[1].replace("KEPT", kept)))
    refused = rf"{answer} does not end .*the chat template must write {re.escape(repr(EOT))} after the assistant's turn"
    with pytest.raises(PreflightError, match=rf"(?s){refused}"):
        preflight(partial, rendered(partial))


def test_a_pad_token_that_is_the_end_of_turn_is_refused(tmp_path):
    """transformers #48016: the saved model takes every end of turn for padding."""
    padded = reloaded(tmp_path, "tokenizer_config.json", pad_token=EOT)
    with pytest.raises(PreflightError, match=r"The pad token is the end of turn.*\s+Give the tokenizer a pad token of its own"):
        preflight(padded, rendered(padded))


def test_padding_that_ends_what_is_generated_is_refused(tmp_path, model):
    ids = model.tokenizer.eos_token_id, model.tokenizer.pad_token_id
    for name, change in (("ends", {"eos_token_id": list(ids)}), ("pads", {"pad_token_id": ids[0]})):
        padded = reloaded(tmp_path / name, "generation_config.json", **change)
        with pytest.raises(PreflightError, match=r"ends what is generated.*\s+Give the tokenizer a pad token of its own, and take it out"):
            preflight(padded, rendered(padded))


def test_a_model_that_would_generate_beyond_the_end_of_turn_is_refused(tmp_path):
    endless = reloaded(tmp_path, "generation_config.json", eos_token_id=0)
    with pytest.raises(PreflightError, match=r"would not stop at '<\|reserved_0\|>' \(\d+\): generation ends at \[0\]\.\s+Put its id"):
        preflight(endless, rendered(endless))


def test_tokens_without_a_row_in_the_embedding_are_refused():
    tokenizer = byte_tokenizer("<|endoftext|>", "<|eot|>", "<|pad|>")
    short = Model(Path("small"), random_network(vocabulary=100), tokenizer)
    tokenizer.pad_token, tokenizer.eos_token = "<|pad|>", "<|eot|>"
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}<|eot|>{% endfor %}"
    short.network.generation_config.eos_token_id, short.network.generation_config.pad_token_id = 1, 2
    with pytest.raises(PreflightError, match=r"Example 1 holds the token \d+, and the model's embedding has 100 rows\.\s+The tokenizer"):
        preflight(short, rendered(short))


def test_an_example_that_the_model_cannot_hold_is_refused(model):
    with pytest.raises(PreflightError, match=r"Example 1 has 606 tokens, and the model can hold 512\.\s+Lower align\.max_tokens"):
        preflight(model, rendered(model, [chat("Why?", "word " * 600)], max_tokens=606))


def test_nothing_to_train_on_is_refused_with_the_reason(model):
    long = rendered(model, [chat("Why " * 100, "So.")] * 7)
    with pytest.raises(PreflightError, match=r"nothing to train on: 7 examples were too long\.\s+Raise align\.max_tokens"):
        preflight(model, long)


def test_an_example_without_an_answer_is_refused(model):
    for labels in ("responses", "all"):
        with pytest.raises(PreflightError, match=r"Example 2 has no label: there is no answer"):
            preflight(model, rendered(model, [ROWS[0], ROWS[0][:1]], loss_on=labels))


def test_a_mask_that_hides_everything_is_refused(model):
    masked = [Example(each.tokens, [IGNORED] * len(each.tokens), turns=each.turns) for each in rendered(model).examples]
    with pytest.raises(PreflightError, match="has no label"):
        preflight(model, Conversations(masked, 0, 0))
