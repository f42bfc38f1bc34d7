"""An aligned model on a server that knows nothing of us: it is asked by its own template, and stops by its own token."""

from __future__ import annotations

import openai
import pyarrow as pa

from tests.served import served_by_transformers
from tests.small import SHIPPED, chat
from thousand import tables
from thousand.align import align
from thousand.recipe import Align

ROWS = [chat(f"Say number {n}.", f"Number {n} it is.") for n in ("one", "two", "three", "four")]


def test_transformers_serve_stops_at_the_end_of_turn(tmp_path):
    settings = Align(batch=4, steps=40, learning_rate=2e-3, final_learning_rate=1e-4, residual_dropout=0.0, checkpoints=False)
    align(pa.table({"messages": pa.array(ROWS, tables.MESSAGES)}), SHIPPED, tmp_path / "served" / "model", settings, seed=0)
    url = served_by_transformers(tmp_path / "served" / "model")
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)
    for asked, answered in ROWS:
        reply = client.chat.completions.create(
            model=str(tmp_path / "served" / "model"), messages=[asked], max_tokens=40, temperature=0.0
        ).choices[0]
        assert reply.message.content.strip() == answered["content"]
        assert reply.finish_reason == "stop"
