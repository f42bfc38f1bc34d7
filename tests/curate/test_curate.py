"""The verb: a ledger in which every candidate has every reason, and work that is not done twice."""

import pyarrow as pa
import pytest

from thousand import tables
from thousand.conversation import content_id
from thousand.curate import account, curate, needs_base, plan
from thousand.engine import Processes
from thousand.errors import DataError, RecipeError
from thousand.manifest import Manifest, manifest_path
from thousand.recipe import Curate

GOOD = "The bridge was built by hand, stone by stone, in nine long years. It still carries the road."
STORY = " ".join(f"word{i}" for i in range(30))


def candidates(folder, *rows, parts=1):
    """A table of candidates: (prompt, response) or (prompt, response, score)."""
    made = []
    for i, (prompt, response, *score) in enumerate(rows):
        messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
        made.append(
            {"id": f"id{i:03}", "content": content_id(messages), "source": "chat:p", "origin": f"p:{i}", "messages": messages}
            | {"score": score[0] if score else None, "group": None, "author": None, "licence": None, "link": None, "tags": None}
        )
    table = pa.Table.from_pylist(made, tables.CANDIDATES)
    size = -(-len(rows) // parts)
    tables.write_parts(folder, [table.slice(i, size) for i in range(0, len(rows), size)], tables.CANDIDATES)
    return folder


ROWS = [
    ("Who built the bridge?", GOOD, 2.0),
    ("Who built the tower?", "SHUT UP, YOU IDIOT, SEE HTTP://X.EXAMPLE"),
    ("Who built the wall?", "42"),
    ("Who is the keeper of the lighthouse by the sea?", "Nobody knows who he is, since he never comes down to the village by day."),
    ("Who built the bridge?", GOOD.replace("It still", "It STILL") + "!"),
]


@pytest.fixture
def pool(tmp_path):
    return candidates(tmp_path / "candidates", *ROWS, parts=2)


def ledger_of(pool, out, prompts=(), **settings):
    curated = curate(pool, out, Curate.model_validate(settings), prompts=prompts)
    return curated, tables.read(curated.ledger)


def reasons(table):
    return [sorted(each) for each in table["reasons"].to_pylist()]


def test_every_candidate_is_in_the_ledger_with_every_reason(pool, tmp_path):
    curated, table = ledger_of(pool, tmp_path / "ledger", ["Tell: who is the keeper of the lighthouse by the sea?"])
    assert table["id"].to_pylist() == tables.read(pool)["id"].to_pylist()
    assert reasons(table) == [
        [],
        ["capitals", "insults", "links", "words"],
        ["words"],
        ["contamination", "resembles_prompt"],
        ["near_copy"],
    ]
    assert table["kept"].to_pylist() == [True, False, False, False, False]
    assert (curated.candidates, curated.kept) == (5, 1)
    assert curated.dropped == {
        "capitals": 1,
        "contamination": 1,
        "resembles_prompt": 1,
        "near_copy": 1,
        "insults": 1,
        "links": 1,
        "words": 2,
    }
    assert table.schema.names[:7] == tables.LEDGER.names


def test_a_copy_names_its_twin_and_likeness(pool, tmp_path):
    table = ledger_of(pool, tmp_path / "ledger")[1]
    assert table["twin"].to_pylist() == [None, None, None, None, "id000"]
    assert table["similarity"].to_pylist() == [None, None, None, None, 1.0]


def test_what_could_not_be_measured_breaks_no_rule_and_is_counted(tmp_path):
    pool = candidates(tmp_path / "c", ("How many?", "12"), ("How?", "`x`"), ("Who?", "SHOUTED"), ("Why?", "Said.", 3.0))
    rules = {"capitals": [0, 0.5], "score": [10, None]}
    curated, table = ledger_of(pool, tmp_path / "ledger", preset="none", rules=rules)
    assert table["capitals"].to_pylist() == [None, None, 1.0, 0.25]
    assert reasons(table) == [[], [], ["capitals"], ["score"]]
    assert curated.null == {"capitals": 2, "score": 3}


def test_a_band_holds_both_its_ends(tmp_path):
    pool = candidates(tmp_path / "c", *[(f"Question {i}?", "x" * i) for i in range(1, 6)])
    table = ledger_of(pool, tmp_path / "ledger", preset="none", rules={"characters": [2, 4]})[1]
    assert table["kept"].to_pylist() == [False, True, True, True, False]


def test_a_rule_that_is_null_is_off_and_its_signal_not_computed(pool, tmp_path):
    table = ledger_of(pool, tmp_path / "ledger", rules={"ended": None, "insults": None})[1]
    assert not {"ended", "insults"} & (set(table.column_names) | {reason for row in reasons(table) for reason in row})


def test_a_rule_changes_the_presets_rule_of_its_name_only(pool, tmp_path):
    table = ledger_of(pool, tmp_path / "ledger", rules={"words": [1, None]})[1]
    assert reasons(table)[2] == []
    assert reasons(table)[1] == ["capitals", "insults", "links"]


def test_the_limas_preset_asks_for_length_and_votes(tmp_path):
    long = "The bridge is old and the road is long. " * 40
    pool = candidates(tmp_path / "c", ("Q1?", long, 12.0), ("Q2 is another?", "Short.", 12.0), ("Q3 is a third?", "My " + long, 9.0))
    rows = tables.read(pool)
    tables.write(pool / "part-00000.parquet", rows.set_column(2, "source", pa.array(["stackexchange:coffee"] * 3)), tables.CANDIDATES)
    table = ledger_of(
        pool, tmp_path / "ledger", preset="lima", duplicates=[], rules={"repetition": None, "words": None, "self_contained": None}
    )[1]
    assert reasons(table) == [[], ["characters"], ["first_person", "score"]]


def test_a_signal_without_a_rule_is_kept_in_the_ledger_and_drops_nothing(pool, tmp_path):
    table = ledger_of(pool, tmp_path / "ledger", preset="none", contamination=None, duplicates=[], signals=["characters"])[1]
    assert table.column_names == [*tables.LEDGER.names, "characters"]
    assert table["characters"].to_pylist() == [len(response) for _, response, *_ in ROWS]
    assert all(table["kept"].to_pylist())


def test_contamination_can_be_measured_without_dropping(pool, tmp_path):
    held_out = ["Tell: who is the keeper of the lighthouse by the sea?"]
    table = ledger_of(pool, tmp_path / "a", held_out, rules={"contamination": None, "resembles_prompt": None})[1]
    assert table["contamination"].to_pylist() == [0, 0, 0, 10, 0]
    assert [value > 0.75 for value in table["resembles_prompt"].to_pylist()] == [False, False, False, True, False]
    assert reasons(table)[3] == []
    assert not {"contamination", "resembles_prompt"} & set(ledger_of(pool, tmp_path / "b", held_out, contamination=None)[1].column_names)
    assert ledger_of(pool, tmp_path / "c", held_out, contamination=11)[1]["contamination"].to_pylist() == [0] * 5


def test_who_comes_too_near_to_which_prompt_stands_in_a_table(pool, tmp_path):
    held_out = ["Unlike all of it?", "Tell: who is the keeper of the lighthouse by the sea?"]
    curated = ledger_of(pool, tmp_path / "ledger", held_out)[0]
    assert [(hit["id"], hit["origin"], hit["prompt"], hit["kind"]) for hit in tables.read(curated.hits).to_pylist()] == [
        ("id003", "p:3", 2, "words"),
        ("id003", "p:3", 2, "meaning"),
    ]
    before = curated.hits.stat().st_mtime_ns
    assert ledger_of(pool, tmp_path / "ledger", held_out, preset="none")[0].hits.stat().st_mtime_ns == before
    assert tables.read(ledger_of(pool, tmp_path / "ledger", held_out[:1])[0].hits).num_rows == 0
    assert tables.read(ledger_of(pool, tmp_path / "ledger", held_out, contamination=None)[0].hits).num_rows == 0


def test_a_rule_for_some_sources_leaves_the_others_alone(tmp_path):
    pool = candidates(tmp_path / "c", ("Q1?", "one two three"), ("Q2?", "one two three"))
    table = tables.read(pool)
    tables.write(
        pool / "part-00000.parquet", table.set_column(2, "source", pa.array(["stackexchange:coffee", "chat:p"])), tables.CANDIDATES
    )
    rules = {"words": {"least": 5, "only": ["stackexchange"]}}
    assert reasons(ledger_of(pool, tmp_path / "a", preset="none", duplicates=[], rules=rules)[1]) == [["words"], []]
    rules["words"]["only"] = ["p", "stackexchange:tea"]
    assert reasons(ledger_of(pool, tmp_path / "a", preset="none", duplicates=[], rules=rules)[1]) == [[], ["words"]]


def answers(folder, *rows):
    """Answers to one question: (response, score, tags)."""
    pool = candidates(folder, *[("Who built the bridge?", response, score) for response, score, _ in rows])
    table = tables.read(pool)
    for name, values in (("group", ["q1"] * len(rows)), ("tags", [tags for _, _, tags in rows])):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, table.schema.field(name).type))
    tables.write(pool / "part-00000.parquet", table, tables.CANDIDATES)
    return pool


def test_of_several_answers_to_a_question_the_best_goes_on(tmp_path):
    better = "Masons from the valley built it with stones of the river in nine years."
    rows = [
        (GOOD, 5.0, ["accepted"]),
        (better, 9.0, []),
        ("AAH " * 20, 99.0, ["accepted"]),
        ("They say that nobody knows who built it.", None, []),
    ]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        name = "".join(map(str, order))
        table = ledger_of(
            answers(tmp_path / f"c{name}", *[rows[i] for i in order]), tmp_path / name, preset="none", rules={"capitals": [0, 0.5]}
        )[1]
        found = dict(zip(order, reasons(table), strict=True))
        assert found == {0: [], 1: ["best_answer"], 2: ["best_answer", "capitals"], 3: ["best_answer"]}
    unaccepted = [(response, score, []) for response, score, _ in rows]
    assert ledger_of(answers(tmp_path / "u", *unaccepted), tmp_path / "lu", preset="none")[1]["kept"].to_pylist() == [
        False,
        False,
        True,
        False,
    ]
    assert all(ledger_of(answers(tmp_path / "o", *rows), tmp_path / "lo", preset="none", best_answer=False)[1]["kept"].to_pylist())


def test_what_could_not_be_measured_says_why(tmp_path):
    pool = candidates(tmp_path / "c", ("Why?", "Said.", 3.0), ("How?", "Shown.", None))
    table = ledger_of(pool, tmp_path / "ledger", preset="none", signals=["score"])[1]
    assert table["unmeasured"].to_pylist() == [[], ["score: the source gives none"]]


def test_processes_measure_what_one_measures(tmp_path):
    pool = candidates(tmp_path / "c", *[(f"Question {i}?", f"{GOOD} {i} " * (i % 5 + 1)) for i in range(40)], parts=4)
    one = ledger_of(pool, tmp_path / "one", signals=["characters"])[1]
    settings = Curate.model_validate({"signals": ["characters"]})
    two = tables.read(curate(pool, tmp_path / "two", settings, by=Processes(2)).ledger)
    assert one.equals(two)


def test_of_two_copies_the_one_with_fewer_faults_then_the_higher_score_survives(tmp_path):
    shouted = ("Who built the bridge of the town?", GOOD.upper(), 99.0)
    pool = candidates(tmp_path / "c", shouted, (shouted[0], GOOD, 1.0), (shouted[0], GOOD + ".", None), (shouted[0], GOOD + "..", 5.0))
    table = ledger_of(pool, tmp_path / "ledger")[1]
    assert reasons(table) == [["capitals", "near_copy"], ["near_copy"], ["near_copy"], []]
    assert table["twin"].to_pylist() == ["id003", "id003", "id003", None]


def test_near_copies_are_dropped_from_the_similarity_asked_for(tmp_path):
    pool = candidates(
        tmp_path / "c", ("Tell?", STORY + "."), ("Tell?", STORY + " and on."), ("Tell?", "Something else is told here instead.")
    )
    table = ledger_of(pool, tmp_path / "a", preset="none")[1]
    assert sum(table["kept"].to_pylist()) == 2
    assert [each for each in table["similarity"].to_pylist() if each] == [29 / 31]
    assert all(ledger_of(pool, tmp_path / "b", preset="none", duplicates=[{"near": 0.95}])[1]["kept"].to_pylist())
    assert all(ledger_of(pool, tmp_path / "c2", preset="none", duplicates=[])[1]["kept"].to_pylist())


class Watch:
    """Which signals are computed, seen from the progress they report."""

    def __init__(self, pool, out):
        self.pool, self.out = pool, out

    def __call__(self, prompts=(), **settings):
        told = []
        curate(self.pool, self.out, Curate.model_validate(settings), prompts=prompts, progress=lambda name, rows: told.append(name))
        return sorted(set(told))


def test_a_second_run_computes_nothing(pool, tmp_path):
    watch = Watch(pool, tmp_path / "ledger")
    assert watch() == ["clean", "near_copy", "signals"]
    before = manifest_path(tmp_path / "ledger" / "ledger.parquet").stat().st_mtime_ns
    assert watch() == []
    assert manifest_path(tmp_path / "ledger" / "ledger.parquet").stat().st_mtime_ns == before


def test_a_changed_threshold_computes_no_signal_again_and_is_obeyed(pool, tmp_path, monkeypatch):
    watch = Watch(pool, tmp_path / "ledger")
    watch()
    monkeypatch.setattr("thousand.curate.texts.Texts.of", lambda part: pytest.fail("a signal was computed again"))
    assert watch(rules={"words": [1, 2], "links": None}) == []
    assert reasons(tables.read(tmp_path / "ledger" / "ledger.parquet"))[0] == ["words"]
    assert watch(duplicates=[{"near": 0.5}]) == ["near_copy"]


def test_only_what_a_change_touches_is_computed_again(pool, tmp_path):
    watch = Watch(pool, tmp_path / "ledger")
    everything = watch(["A held-out prompt?"])
    assert watch(["A held-out prompt?"], signals=["characters"]) == ["characters"]
    assert watch(["Another held-out prompt?"], signals=["characters"]) == ["signals"]  # both that know the prompts, in one pass
    assert watch(["Another held-out prompt?"], contamination={"run": 9}) == ["contamination"]
    candidates(pool, *reversed(ROWS), parts=2)
    assert watch(["Another held-out prompt?"], contamination={"run": 9}) == everything


def test_a_signal_no_longer_asked_for_leaves_the_ledger(pool, tmp_path):
    assert "characters" in ledger_of(pool, tmp_path / "ledger", signals=["characters"])[1].column_names
    assert "characters" not in ledger_of(pool, tmp_path / "ledger")[1].column_names


def test_an_interrupted_signal_goes_on_with_the_parts_it_has(pool, tmp_path, monkeypatch):
    from thousand.curate.signals import characters as module

    real, seen = module.characters, []

    def characters(texts):
        seen.append(len(texts))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(texts)

    monkeypatch.setattr(module, "characters", characters)
    settings = {"preset": "none", "contamination": None, "duplicates": [], "signals": ["characters"]}
    with pytest.raises(KeyboardInterrupt):
        ledger_of(pool, tmp_path / "ledger", **settings)
    assert Manifest.load(manifest_path(tmp_path / "ledger" / "signals" / "characters")) is None
    table = ledger_of(pool, tmp_path / "ledger", **settings)[1]
    assert seen == [3, 2, 2]
    assert table["characters"].to_pylist() == [len(response) for _, response, *_ in ROWS]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"signals": ["wrds"]}, r"curate\.signals\.wrds: 'wrds' is not known\.\s+Did you mean 'words'"),
        ({"rules": {"linkz": [0, 1]}}, r"curate\.rules\.linkz: 'linkz' is not known\.\s+Did you mean 'links'"),
        ({"preset": "limaa"}, r"curate\.preset: 'limaa' is not known\.\s+There are: general, lima, none"),
        ({"signals": [{"words": {"least": 3}}]}, r"curate\.signals\.words\.least: there is no such option"),
        ({"signals": [{"contamination": {"run": "long"}}], "contamination": None}, r"curate\.signals\.contamination\.run: .*integer"),
    ],
)
def test_names_that_do_not_exist_are_errors_of_the_recipe(pool, tmp_path, settings, said):
    with pytest.raises(RecipeError, match=said):
        ledger_of(pool, tmp_path / "ledger", **settings)
    assert not (tmp_path / "ledger").exists()


def test_a_signal_that_asks_the_base_needs_one(pool, tmp_path):
    settings = Curate.model_validate({"signals": ["asked"]})
    assert needs_base(settings) == ["asked"]
    assert needs_base(Curate()) == []
    with pytest.raises(RecipeError, match="none is given"):
        curate(pool, tmp_path / "ledger", settings)


def test_a_plan_names_each_signal_once():
    names = [choice.name for choice in plan(Curate.model_validate({"signals": ["words", "contamination", "characters"]}))]
    assert names == sorted(set(names))
    assert {"words", "contamination", "characters"} <= set(names)


@pytest.mark.parametrize(("kept", "why"), [([True, True], [[], ["words"]]), ([False], [[]])])
def test_books_that_do_not_balance_are_refused(kept, why):
    columns = {"id": ["a"] * len(kept), "content": ["c"] * len(kept), "kept": kept, "reasons": pa.array(why, pa.list_(pa.string()))}
    none = pa.nulls(len(kept))
    with pytest.raises(DataError, match="does not balance"):
        account(pa.table(columns | {"twin": none.cast(pa.string()), "similarity": none.cast(pa.float64())}))


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 4, 0, 1, 3]])
def test_what_is_said_of_a_row_does_not_depend_on_where_it_stands(pool, tmp_path, order):
    straight = ledger_of(pool, tmp_path / "straight", duplicates=[{"near": 0.5}])[1]
    shuffled = ledger_of(candidates(tmp_path / "s", *[ROWS[i] for i in order], parts=3), tmp_path / "shuffled", duplicates=[{"near": 0.5}])[
        1
    ]
    told = [{row["content"]: row | {"id": 0, "twin": row["twin"] and 0} for row in table.to_pylist()} for table in (straight, shuffled)]
    assert told[0] == told[1]
