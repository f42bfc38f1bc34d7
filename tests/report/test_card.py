import re
from dataclasses import replace

import pytest
import yaml

from tests.report.synthetic import POOL, demo
from thousand.report import card, summarise
from thousand.report.card import cell


@pytest.fixture(scope="module")
def text():
    evidence = demo()
    return card(summarise(evidence), evidence)


def test_the_front_matter_is_yaml_that_names_the_base(text):
    _, front, _ = text.split("---\n", 2)
    assert yaml.safe_load(front)["base_model"] == "lab-1.6M"


def test_the_account_on_the_card_adds_up(text):
    account = text[text.index("What became of the rows") : text.index("A dropped row")]
    rows = {name.strip(): int(n.replace(",", "")) for name, n in re.findall(r"^\| ([^|]+) \| \**([\d,]+)\** \|$", account, re.MULTILINE)}
    assert rows.pop("**read**") == sum(rows.values()) == POOL.read


def test_sources_licences_results_and_limits_are_named(text):
    for words in (
        "stackexchange:lab/posts.xml",
        "CC-BY-SA-4.0",
        "| random-1000 | 1,000 | 60 |",
        "Less was more.",
        "One seed of all-one-epoch",
    ):
        assert words in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    evidence = demo(pool=POOL.model_copy(update={"sources": {"a|b\n# <b>c</b>": 5003}, "dropped": {"x | y": 2490 - 3}}))
    text = card(summarise(evidence), evidence)
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert "<b>" not in text


def test_a_cell_cannot_leave_its_cell():
    assert cell("a|b\n[x](javascript:1) <i>`") == r"a\|b \[x\](javascript:1) &lt;i>\`"


def test_the_recipe_on_the_card_is_the_one_that_was_run(text):
    recipe = yaml.safe_load(text[text.index("```yaml") + 7 : text.rindex("```")])
    assert next(iter(recipe["arms"])) == "curated-100"


def test_a_claim_that_is_not_in_the_recipe_by_name_has_a_card():
    evidence = demo()
    renamed = replace(evidence, arms=[replace(evidence.claim, name="curated"), *evidence.arms[1:]])
    assert "# curated\n" in card(summarise(renamed), renamed)
