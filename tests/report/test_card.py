"""The cards of model and data: the hub reads their front matter, their tables hold, and text of others cannot break them."""

import json
import re
from dataclasses import replace

import pyarrow as pa
import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard

from tests.report.rich import FEW, rich
from tests.report.synthetic import POOL, demo
from thousand import tables
from thousand.recipe import Choice
from thousand.report import card, licences, summarise
from thousand.report.cards import cell
from thousand.report.dataset import dataset_card, write_dataset

URL = "https://api.example.org/v1/chat"
EVIL = "a|b\n# <b>c</b> [x](javascript:1)"


@pytest.fixture(scope="module")
def study():
    return rich(FEW)


@pytest.fixture(scope="module")
def text(study):
    return card(*study)


@pytest.fixture(scope="module")
def data(study):
    return dataset_card(*study)


def front(text):
    return yaml.safe_load(text.split("---\n", 2)[1])


def test_the_hub_reads_the_models_card_and_its_results(text, study):
    read = ModelCard(text).data
    assert (read.pipeline_tag, read.library_name) == ("text-generation", "transformers")
    claim = study[0].arms[0]
    rated = next(each for each in read.eval_results if each.metric_type == "mean_rating" and "people" in each.metric_name)
    assert rated.metric_value == pytest.approx(claim.mean_rating, abs=1e-4)
    assert rated.metric_name.startswith("mean rating by people, 95% interval ")
    won = next(each for each in read.eval_results if each.metric_name.startswith("net wins over random-100 by people"))
    assert won.metric_value == pytest.approx(100 * study[0].comparison("random-100", "people").net, abs=0.01)


def test_the_hub_reads_the_data_sets_card(data):
    read = DatasetCard(data).data
    assert (read.license, read.task_categories, read.size_categories) == ("cc-by-4.0", ["text-generation"], ["n<1K"])
    assert front(data)["configs"][0]["data_files"] == [{"split": "train", "path": "train.jsonl"}]


@pytest.mark.parametrize("base", ["lab/base", "/models/llama", "base"])
def test_a_folder_is_not_given_as_a_repository_of_the_hub(study, base):
    summary, evidence = study
    named = summary.model_copy(update={"question": summary.question.model_copy(update={"base": base})})
    assert "base_model" not in front(card(named, evidence))


def test_no_card_names_a_place_on_the_machine_that_made_it(study):
    summary, evidence = study
    base, pool = "/srv/people/ann/models/llama-x", "/srv/people/ann/my pool/team.jsonl"
    recipe = evidence.recipe.model_copy(update={"base": base, "pool": [Choice(name="chat", options={"path": pool})]})
    failed = summary.verdict.model_copy(update={"warnings": [f"broken has no model (there is none at {base}/config.json)."]})
    named = summary.model_copy(update={"question": summary.question.model_copy(update={"base": base}), "verdict": failed})
    for written in (card(named, replace(evidence, recipe=recipe)), dataset_card(named, replace(evidence, recipe=recipe))):
        assert "/srv" not in written
        assert "/ann" not in written
    written = card(named, replace(evidence, recipe=recipe))
    assert "\nllama-x, trained for" in written
    assert "base: llama-x" in written
    assert "wins / ties / loses" in written
    with_url = replace(evidence, recipe=evidence.recipe.model_copy(update={"judge": [Choice(name="llm", options={"base_url": URL})]}))
    assert URL in card(summary, with_url)


def test_the_account_on_the_card_adds_up(data):
    account = data[data.index("What became of the rows") : data.index("A dropped row")]
    rows = {name.strip(): int(n.replace(",", "")) for name, n in re.findall(r"^\| ([^|]+) \| \**([\d,]+)\** \|$", account, re.MULTILINE)}
    assert rows.pop("**read**") == sum(rows.values()) == POOL.read


def test_results_limits_and_what_people_did_are_named(text, data):
    assert "| random-100 | 100 | 60 |" in text
    assert "- The judges agree little more than chance would have them" in text
    assert "| broken (failed) |" in text
    assert "| Anna Weber | 41 | 6 | 3 | 1 | 2 |" in data
    assert "About 2 examples they differ" in data
    assert "Private matter was not masked." in data


def test_text_of_others_breaks_no_table():
    evidence = demo(pool=POOL.model_copy(update={"dropped": {EVIL: 2490 - 3}}))
    claim = evidence.claim
    rows = [{**row, "source": EVIL, "licence": EVIL} for row in claim.selections[0].to_pylist()]
    hostile = replace(claim, selections=[pa.Table.from_pylist(rows, tables.SELECTION)], licences={EVIL: 100})
    evidence = replace(evidence, arms=[hostile, *evidence.arms[1:]])
    for text in (card(summarise(evidence), evidence), dataset_card(summarise(evidence), evidence)):
        assert "<b>" not in text
        for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
        assert front(text)["license"] in ("unknown", "other")


def test_a_cell_cannot_leave_its_cell():
    assert cell("a|b\n[x](javascript:1) <i>`") == r"a\|b \[x\](javascript:1) &lt;i>\`"


def test_the_recipe_on_the_card_is_the_one_that_was_run(text):
    recipe = yaml.safe_load(text[text.index("```yaml") + 7 : text.rindex("```")])
    assert next(iter(recipe["arms"])) == "curated-100"


def test_a_claim_that_is_not_in_the_recipe_by_name_has_cards():
    evidence = demo()
    renamed = replace(evidence, arms=[replace(evidence.claim, name="curated"), *evidence.arms[1:]])
    assert "# curated\n" in card(summarise(renamed), renamed)
    assert "# curated, the training set" in dataset_card(summarise(renamed), renamed)


def test_the_data_set_is_a_folder_that_the_hub_reads(study, tmp_path):
    summary, evidence = study
    names = [
        ("Ada", "https://x/1", "CC BY-SA 4.0"),
        ("=1+1", "https://x/2", "CC BY-SA 4.0"),
        (None, None, "CC-BY-SA-4.0"),
        (None, None, None),
    ]
    rows = evidence.claim.selections[0].slice(0, 4).to_pylist()
    rows = [{**row, "author": author, "link": link, "licence": licence} for row, (author, link, licence) in zip(rows, names, strict=True)]
    selection = pa.Table.from_pylist(rows[::-1], tables.SELECTION)
    claim = replace(evidence.claim, selections=[selection], licences={"CC BY-SA 4.0": 3, "unknown": 1})
    own = replace(evidence, arms=[claim, *evidence.arms[1:]])
    write_dataset(summary, own, tmp_path / "dataset")
    assert sorted(path.name for path in (tmp_path / "dataset").iterdir()) == ["README.md", "attribution.csv", "train.jsonl"]
    read = [json.loads(line) for line in (tmp_path / "dataset" / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in read] == [row["id"] for row in rows]  # in the order of choice
    assert read[0]["messages"] == rows[0]["messages"]
    assert read[2]["author"] is None
    assert "c1,chat:lab/pool.jsonl,pool.jsonl:21,'=1+1,https://x/2,CC BY-SA 4.0" in (tmp_path / "dataset" / "attribution.csv").read_text()
    assert "**1 example under such a licence has no author or no link" in (tmp_path / "dataset" / "README.md").read_text()
    write_dataset(summary, replace(own, arms=[replace(claim, selections=()), *own.arms[1:]]), tmp_path / "dataset")
    assert not (tmp_path / "dataset").exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["CC BY-SA 4.0"], {"license": "cc-by-sa-4.0"}),
        (["cc_by-4.0", "MIT"], {"license": ["cc-by-4.0", "mit"]}),
        (["our own"], {"license": "other", "license_name": "see-the-card"}),
        (["unknown"], {"license": "unknown"}),
        ([], {"license": "unknown"}),
    ],
)
def test_licences_have_the_hubs_names(given, expected):
    assert licences.front(given) == expected


@pytest.mark.parametrize(
    ("licence", "asks"), [("CC BY-SA 3.0", True), ("cc-by-4.0", True), ("CC0-1.0", False), ("MIT", False), ("GFDL", True), ("ODC-By", True)]
)
def test_which_licences_ask_for_names(licence, asks):
    assert licences.asks_for_names(licence) is asks
