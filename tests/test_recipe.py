"""A recipe is read as it is meant, or refused with its file, line and field."""

import string
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from thousand.errors import RecipeError
from thousand.recipe import Align, Arm, Band, Between, Choice, Margin, Recipe, dump, load

RECIPES = sorted((Path(__file__).parents[1] / "recipes").glob("*.yaml"))
START = """\
base: models/base
pool:
  - chat: pool.jsonl
prompts: {test: prompts.jsonl}
arms:
  mine: {select: random, budget: 5}
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text):
        (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "r.yaml"

    return to_file


def wrong(path, **variables):
    """What is said of a recipe that cannot be run, the folder left out."""
    with pytest.raises(RecipeError) as error:
        load(path, variables)
    return str(error.value).replace(f"{path.parent}/", "")


def test_the_shortest_recipe_has_limas_defaults(write):
    recipe = load(write(START))
    assert recipe.pool == [Choice(name="chat", options={"path": "pool.jsonl"})]
    assert recipe.arms["mine"] == Arm(select="random", budget=5)
    assert (recipe.align.epochs, recipe.align.learning_rate, recipe.align.residual_dropout) == (15, 1e-5, 0.3)
    assert (recipe.answer.temperature, recipe.answer.top_p, recipe.answer.repetition_penalty) == (0.7, 0.9, 1.2)
    assert recipe.seeds == 3


def test_what_may_be_written_short_is_the_same_as_written_long(write):
    short = START + "align: lima\njudge: longest\ncurate: {rules: {words: [5, 9], links: null}, signals: [asked]}\n"
    long = START + (
        "align: {}\njudge: [{name: longest}]\n"
        "curate: {rules: {words: {least: 5, most: 9}, links: null}, signals: [{name: asked, options: {}}]}\n"
    )
    assert load(write(short)) == load(write(long))
    arms = START + "  a: {select: top, quality: asked, budget: 1}\n  b: {select: top, quality: [asked], budget: 1}\n"
    recipe = load(write(arms))
    assert recipe.arms["a"] == recipe.arms["b"]


def test_what_an_arm_promises_of_its_picks_is_read_as_it_is_meant(write):
    """A whole number is rows, one with a point a share: 1 is one row and 1.0 is all of them."""
    arm = """\
  more:
    select: s1
    quality: asked
    tokens: 5000
    quota:
      source: {chat: 40, pool.jsonl: 0.4, coffee: {least: 0.1, most: 30}}
      words: {100..400: 1.0, ..50: 1}
    safety: 0.05
    include: must.txt
    exclude: [id1, "pool.jsonl:12"]
    strata: tags
    like: wanted.jsonl
"""
    arm = load(write(START + arm)).arms["more"]
    assert (arm.budget, arm.tokens, arm.safety, arm.strata, arm.like) == (None, 5000, 0.05, "tags", "wanted.jsonl")
    assert (arm.include, arm.exclude) == (["must.txt"], ["id1", "pool.jsonl:12"])
    assert arm.quota["source"] == {"chat": 40, "pool.jsonl": 0.4, "coffee": Between(least=0.1, most=30)}
    assert arm.quota["words"] == {"100..400": 1.0, "..50": 1}
    assert [type(each) for each in arm.quota["words"].values()] == [float, int]


@pytest.mark.parametrize("number", ["5e-4", "5E-4", "5.e-4", "0.0005", "5.0e-4", "+5e-4"])
def test_numbers_are_numbers_as_people_write_them(write, number):
    recipe = load(write(START + f"align: {{learning_rate: {number}}}\njudge: [{{function: {{x: {number}, y: '{number}'}}}}]\n"))
    assert recipe.align.learning_rate == 5e-4
    assert recipe.judge[0].options == {"x": 5e-4, "y": number}


def test_variables_are_filled_in(write):
    path = write(START.replace("models/base", "${folder}/base-${size}") + "seeds: ${n}\nalign: {learning_rate: '${rate}'}\n")
    recipe = load(path, {"folder": "/x", "size": "1b", "n": "4", "rate": "5e-4", "unused": ""})
    assert (recipe.base, recipe.seeds, recipe.align.learning_rate) == ("/x/base-1b", 4, 5e-4)
    assert wrong(path, folder="x", n="1", rate="1") == "r.yaml:1: base needs a value for ${size}.\n  Add --var size=VALUE."
    assert wrong(path, folder="x", size="1b", n="many", rate="1").startswith("r.yaml:7: seeds: ")


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("sedes: 3", "r.yaml:7: sedes: there is no such field; did you mean 'seeds'?"),
        ("zzzzz: 3", "r.yaml:7: zzzzz: there is no such field; there are: name, base, pool, "),
        ("\n\nseeds: few", "r.yaml:9: seeds: input should be a valid integer, unable to parse string as an integer, found 'few'."),
        ("seeds: 0", "r.yaml:7: seeds: input should be greater than 0, found 0."),
        ("base: other", "r.yaml:7: base is given twice."),
        ("answer:\n  top_p: 0.9\n  top_p: 0.8", "r.yaml:9: answer.top_p is given twice."),
        ("answer:\n  top_p: 0.9\n  topp: 0.8", "r.yaml:9: answer.topp: there is no such field; did you mean 'top_p'?"),
        ("answer: {plain: no place}", "r.yaml:7: answer: plain must contain {prompt}: it is how a base"),
        ("align: []", "r.yaml:7: align: fields and their values belong here, found []."),
        ("align:\n  precision: int4", "r.yaml:8: align.precision: input should be 'float32' or 'bfloat16', found 'int4'."),
        ("curate:\n  rules:\n    words: {leest: 3}", "r.yaml:9: curate.rules.words.leest: there is no such field; did you mean 'least'?"),
        ("curate:\n  rules:\n    words: [9, 5]", "r.yaml:9: curate.rules.words: no value lies between 9 and 5, found [9, 5]."),
        (
            "curate: {signals: [{a: 1, b: 2}]}",
            "r.yaml:7: curate.signals.0: expected one name with its options, such as `chat: pool.jsonl`.",
        ),
        ("judge:\n  - longest\n  - 3", "r.yaml:9: judge.1: expected one name with its options, such as `chat: pool.jsonl`, found 3."),
        ("knowledge: !!python/name:os.system", "r.yaml:7: knowledge: could not determine a constructor for the tag"),
        ("knowledge: 2020-99-99", "r.yaml:7: knowledge: month must be in 1..12."),
        ("align: &a {b: *a}", "r.yaml:7: align.b.b is nested too deeply."),
        ("  a b: {}", "r.yaml:7: arms.a b"),
        ("  more: {select: random}", "r.yaml:7: arms.more: select: random needs a budget, of examples (budget) or of tokens (tokens)."),
        ("  more: {select: all, budget: 9}", "r.yaml:7: arms.more: select: all takes every row"),
        ("  more:\n    select: top\n    budget: -3", "r.yaml:9: arms.more.budget: input should be greater than 0, found -3."),
        ("  more: {select: random, budget: 3, tokens: 9}", "r.yaml:7: arms.more: select: random needs a budget, of examples (budget) or"),
        ("  more: {select: all, tokens: 9}", "r.yaml:7: arms.more: select: all takes every row"),
        ("  more: {select: all, safety: 0.1}", "r.yaml:7: arms.more: select: all takes every row"),
        ("  more: {select: all, quota: {source: {chat: 9}}}", "r.yaml:7: arms.more: select: all takes every row"),
        ("  more:\n    select: random\n    tokens: 0", "r.yaml:9: arms.more.tokens: input should be greater than 0, found 0."),
        ("  more: {select: top, budget: 3, safety: 2}", "r.yaml:7: arms.more.safety: input should be less than or equal to 1, found 2."),
        ("  more: {select: top, budget: 3, quota: {source: 3}}", "r.yaml:7: arms.more.quota.source: input should be a valid dictionary"),
        ("  more:\n    select: top\n    budget: 3\n    quota: {source: {chat: 1.5}}", "r.yaml:10: arms.more.quota.source.chat"),
        ("  more: {select: top, budget: 3, quota: {source: {chat: few}}}", "r.yaml:7: arms.more.quota.source.chat"),
        ("  more: {select: top, budget: 3, quota: {source: {chat: -1}}}", "r.yaml:7: arms.more.quota.source.chat"),
        ("  more: {select: top, budget: 3, exclude: {a: b}}", "r.yaml:7: arms.more.exclude.0: "),
        ("  more: {budget: 3}", "r.yaml:7: arms.more: an arm that selects nothing is the untouched base"),
        ("  more: {select: top, gate: 0.5, budget: 3}", "r.yaml:7: arms.more: a gate needs a quality"),
        ("  more:\n    guard: zz", "r.yaml:8: arms.more.guard: 'zz' is not an arm that is trained."),
        ("  none: {}\n  more: {guard: none}", "r.yaml:8: arms.more.guard: 'none' is not an arm that is trained."),
        ("  more: {guard: mine, select: top, budget: 3}", "r.yaml:7: arms.more: a guard trains the first arm's selection"),
        (
            "  x.y:\n    select: all\n    align: {epoch: 3}",
            "r.yaml:9: arms.x.y.align.epoch: there is no such field; did you mean 'epochs'?",
        ),
        (
            "  more:\n    select: all\n    align:\n      steps: 0",
            "r.yaml:10: arms.more.align.steps: Input should be greater than 0, found 0.",
        ),
        ("  more:\n    select: all\n    align: {batch: 9, micro_batch: 2}", "r.yaml:9: arms.more.align: batch (9) must be a multiple"),
        ("  more: {select: top, budget: []}", "r.yaml:7: arms.more.budget: at least one number of examples is needed."),
        ("  more:\n    select: top\n    budget: [3, 3]", "r.yaml:9: arms.more.budget: 3 is there twice."),
        ("  more: {select: top, budget: [3, few]}", "r.yaml:7: arms.more.budget: a list of numbers of examples belongs here, found 'few'."),
        ("  more: {select: top, budget: [3, 2], gate: 2}", "r.yaml:7: arms.more.gate: input should be less than 1, found 2."),
        ("  more: {select: top, budget: [3]}\n  more-3: {}", "r.yaml:7: arms.more: there are two arms of the name 'more-3'"),
        (
            "  more: {select: top, budget: [3, 2]}\n  over: {guard: more}",
            "r.yaml:8: arms.over.guard: 'more' stands for several arms; name one of them: more-3, more-2.",
        ),
        ("  shown:\n    in_context: 6", "r.yaml:8: arms.shown.in_context: 6 is more than the first arm's budget of 5."),
        ("  shown: {in_context: 0}", "r.yaml:7: arms.shown.in_context: input should be greater than 0, found 0."),
        ("  shown: {in_context: 2, budget: 9}", "r.yaml:7: arms.shown: an arm of in_context takes no fields but seeds, found budget."),
        ("  more: {guard: mine, budget: 9}", "r.yaml:7: arms.more: an arm of guard takes no fields but seeds, found budget."),
        ("  more: {sources: [chat], placebo: true}", "r.yaml:7: arms.more: an arm that selects nothing is the untouched base, and has no"),
        ("  more: {preferences: p.jsonl, placebo: true}", "r.yaml:7: arms.more: an arm of preferences takes no fields but budget"),
        ("  shown: {in_context: 2, select: all}", "r.yaml:7: arms.shown: an arm is one of select, guard, in_context and preferences."),
        (
            "  liked: {preferences: p.jsonl, quality: x}",
            "r.yaml:7: arms.liked: an arm of preferences takes no fields but budget",
        ),
        ("measure: [{a: 1, b: 2}]", "r.yaml:7: measure.0: expected one name with its options"),
        ("align:\n  learning_rate: 1e-7", "r.yaml:7: align: final_learning_rate (1e-06) must be below learning_rate (1e-07)."),
        ("  options: {selct: random}", "r.yaml:7: arms.options.selct: there is no such field; did you mean 'select'?"),
        ("  more: {select: top, budget: 3, options: 3}", "r.yaml:7: arms.more.options: input should be a valid dictionary, found 3."),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_field(write, added, said):
    assert wrong(write(START + added)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "r.yaml: a recipe is a mapping of fields to values"),
        ("# nothing yet\n", "r.yaml: a recipe is a mapping of fields to values"),
        ("- base\n- pool\n", "r.yaml: a recipe is a mapping of fields to values"),
        ("base: b\npool: [\n", "r.yaml:3: not YAML: "),
        ("base: b\n\tpool: p\n", "r.yaml:2: not YAML: "),
        (START + "---\nbase: c\n", "r.yaml:7: not YAML: but found another document."),
        ("base: \x01\n", "r.yaml: not YAML: unacceptable character"),
        ("name: x\n", "r.yaml:1: base: must be given.\nr.yaml:1: pool: must be given.\nr.yaml:1: prompts: must be given.\n"),
        (START.replace("mine: {select: random, budget: 5}", "none: {}"), "r.yaml:6: arms.none: the first arm is the claim and must select"),
        (START.replace("  mine: {select: random, budget: 5}", "  {}"), "r.yaml:5: arms: "),
        (START.replace("mine: {select: random, budget: 5}", "mine: {guard: mine}"), "r.yaml:6: arms.mine.guard: 'mine' is not"),
        (START.replace("  - chat: pool.jsonl", "  []"), "r.yaml:2: pool: "),
    ],
)
def test_what_is_no_recipe_says_so(write, text, said):
    assert wrong(write(text)).startswith(said)


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("{}", "r.yaml:1: base: at least one is needed, as a folder or as name: folder."),
        ("{small: a, large: a}", "r.yaml:1: base.large: 'a' is the base 'small', too."),
        ("{small: a, large: 3}", "r.yaml:1: base.large: input should be a valid string, found 3."),
        ("{small: a, a/b: c}", "r.yaml:1: base.a/b"),
        ("a\nbases: {b: c}", "r.yaml:1: base: several are written as one mapping, base: {name: folder}."),
    ],
)
def test_several_bases_are_named(write, base, said):
    assert wrong(write(START.replace("base: models/base", f"base: {base}"))).startswith(said)


def test_budgets_in_a_list_are_so_many_arms(write):
    text = START.replace("mine: {select: random, budget: 5}", "mine: {select: top, quality: asked, budget: [100, 25, 50], draws: 2}")
    recipe = load(write(text + "  other: {select: random, budget: [25]}\n  shown: {in_context: 8}\n  liked: {preferences: p.jsonl}\n"))
    assert list(recipe.arms) == ["mine-100", "mine-25", "mine-50", "other-25", "shown", "liked"]
    assert recipe.claim == "mine-100"
    assert [(arm.budget, arm.family, arm.draws, arm.kind) for arm in recipe.arms.values()] == [
        (100, "mine", 2, "trained"),
        (25, "mine", 2, "trained"),
        (50, "mine", 2, "trained"),
        (25, "other", 1, "trained"),
        (None, None, 1, "shown"),
        (None, None, 1, "preferred"),
    ]
    assert load(write(dump(recipe))) == recipe  # the frozen recipe says each arm


def test_a_recipe_of_several_bases_asks_the_same_of_each(write):
    recipe = load(write(START.replace("base: models/base", "base: {small: a/s, large: a/l}")))
    assert recipe.bases == {"small": "a/s", "large": "a/l"}
    assert load(write(dump(recipe))) == recipe
    large = recipe.on("large")
    assert (large.base, large.bases, large.arms) == ("a/l", {}, recipe.arms)
    assert load(write(dump(large))) == large


def test_every_fault_is_told_at_once(write):
    said = wrong(write(START + "seeds: 0\nanswer: {top_p: 2, batch: 0}\n")).splitlines()
    assert [line.split(": ")[1] for line in said] == ["answer.top_p", "answer.batch", "seeds"]


def test_a_recipe_that_is_not_there_or_not_text(tmp_path):
    assert wrong(tmp_path / "none.yaml").startswith("There is no recipe at none.yaml.\n  Give the path of a YAML file")
    with pytest.raises(RecipeError, match="There is no recipe"):
        load(tmp_path)
    (tmp_path / "r.yaml").write_bytes(b"base: \xff\xfe")
    assert wrong(tmp_path / "r.yaml").startswith("r.yaml is not text: ")


def test_an_arms_own_settings_stand_over_the_recipes():
    arms = {"a": {"select": "all"}, "b": {"select": "all", "align": {"epochs": 1}}, "c": {"select": "all", "align": {"batch": 4}}}
    recipe = Recipe.model_validate({"base": "b", "pool": ["x"], "prompts": {"test": "t"}, "arms": arms, "align": {"steps": 60}})
    assert recipe.training("a") == recipe.align == Align(steps=60)
    assert recipe.training("b") == Align(steps=None, epochs=1)  # said in epochs, it is no longer said in steps
    assert recipe.training("c") == Align(steps=60, batch=4)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_the_recipes_that_come_with_it_can_be_read(path, tmp_path):
    names = {node.split("}")[0] for node in path.read_text(encoding="utf-8").split("${")[1:]}
    recipe = load(path, dict.fromkeys(names, "x"))
    (tmp_path / "again.yaml").write_text(dump(recipe), encoding="utf-8")
    assert load(tmp_path / "again.yaml") == recipe


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x85\u2028\u2029"), max_size=20).filter(
    lambda text: "${" not in text
) | st.sampled_from(["1e5", "5e-4", "1", "yes", "null", "~", "2020-01-01", "0x1f", "1_000", "a: b", "- x", "#", "<<", "=", "1:30"])
NAME = st.text(string.ascii_letters + string.digits, min_size=1, max_size=6).map(lambda name: f"n{name}")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=4,
)
CHOICES = st.builds(Choice, name=NAME, options=st.dictionaries(NAME, PLAIN, max_size=2))
FLOATS = st.floats(-1e6, 1e6)
BANDS = st.tuples(st.none() | FLOATS, st.none() | FLOATS).map(
    lambda ends: Band(least=min(ends), most=max(ends)) if None not in ends else Band(least=ends[0], most=ends[1])
)
COUNTS = st.integers(0, 10**6) | st.floats(0, 1)
WANTED = COUNTS | st.builds(Between, least=st.none() | COUNTS, most=st.none() | COUNTS)
BUDGETS = st.integers(1, 10**6).map(lambda rows: {"budget": rows}) | st.integers(1, 10**6).map(lambda tokens: {"tokens": tokens})
ARMS = st.builds(
    lambda bound, **fields: Arm(**bound, **fields),
    bound=BUDGETS,
    select=st.sampled_from(["random", "top"]),
    quota=st.dictionaries(NAME, st.dictionaries(NAME, WANTED, min_size=1, max_size=2), max_size=2),
    safety=st.floats(0, 1),
    include=st.lists(TEXT, max_size=2),
    exclude=st.lists(TEXT, max_size=2),
    strata=NAME,
    like=st.none() | TEXT,
    quality=st.lists(NAME, min_size=1, max_size=2),
    gate=st.floats(0, 0.9),
    sources=st.lists(TEXT, max_size=2),
    options=st.dictionaries(NAME, PLAIN, max_size=2),
    align=st.fixed_dictionaries({}, optional={"epochs": st.floats(0.1, 9), "learning_rate": st.floats(1e-4, 1)}),
)
CURATES = st.fixed_dictionaries(
    {"preset": TEXT, "rules": st.dictionaries(NAME, st.none() | BANDS, max_size=3), "signals": st.lists(CHOICES, max_size=2)}
)
VALID = st.builds(
    lambda **fields: Recipe.model_validate(fields),
    base=TEXT,
    pool=st.lists(CHOICES, min_size=1, max_size=3),
    prompts=st.fixed_dictionaries({"test": TEXT}, optional={"dev": TEXT}),
    curate=CURATES,
    arms=st.dictionaries(NAME, ARMS, min_size=1, max_size=3),
    seeds=st.integers(1, 99),
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to shrink a whole recipe takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(recipe=VALID)
def test_what_is_written_down_is_read_back_the_same(write, recipe):
    assert load(write(dump(recipe))) == recipe
    assert isinstance(yaml.safe_load(dump(recipe)), dict)  # plain YAML, for anybody's reader


def test_what_an_arm_says_of_a_part_of_align_leaves_the_rest_of_it():
    arms = {
        "few": {"select": "random", "budget": 5},
        "more": {"select": "random", "budget": 5, "align": {"choose": {"held_out": 50}, "adapter": {"rank": 64}}},
        "last": {"select": "random", "budget": 5, "align": {"choose": "last", "epochs": 2}},
        "lora": {"select": "random", "budget": 5, "align": {"preset": "lora"}},
    }
    choose = {"by": "judged", "judge": "longest"}
    plain = {"base": "b", "pool": ["chat"], "prompts": {"test": "t", "dev": "d"}, "arms": arms}
    recipe = Recipe.model_validate(plain | {"align": {"preset": "qlora", "choose": choose, "max_tokens": 512}})
    few, more, last, lora = (recipe.training(arm) for arm in arms)
    assert (few.adapter.bits, few.adapter.rank) == (4, 16)
    assert (more.adapter.bits, more.adapter.rank) == (4, 64)
    assert (more.choose.by, more.choose.held_out, more.choose.judge[0].name) == ("judged", 50, "longest")
    assert (last.choose.by, last.choose.judge[0].name, last.epochs) == ("last", "longest", 2)
    assert (lora.adapter.bits, lora.precision, lora.max_tokens, lora.choose.by) == (None, "float32", 512, "judged")


def test_an_arms_preset_takes_the_place_of_the_recipes_in_every_part(write):
    arms = "  q: {select: random, budget: 5, align: {preset: qlora}}\n  l: {select: random, budget: 5, align: {preset: lima}}\n"
    recipe = load(write(START + arms + "align: {preset: lora, adapter: {rank: 8}, max_tokens: 512}\n"))
    assert (recipe.training("q").adapter.rank, recipe.training("q").adapter.bits) == (8, 4)
    assert (recipe.training("l").adapter, recipe.training("l").learning_rate, recipe.training("l").max_tokens) == (None, 1e-5, 512)
    assert recipe.training("mine").adapter.rank == 8
    own = load(write(START + arms + "align: {adapter: {rank: 8}}\n"))  # an adapter of the recipe's own words, not of a preset
    assert (own.training("q").adapter.rank, own.training("q").adapter.bits, own.training("l").adapter.rank) == (8, 4, 8)


def test_lists_without_end_are_no_recipe(write):
    assert "lists within lists without end" in wrong(write("[" * 3000))


def test_one_value_of_a_preset_is_changed_and_no_other():
    assert Align(preset="qlora", adapter={"rank": 64}).adapter.bits == 4
    assert Align(preset="lora", learning_rate=1e-3).adapter.rank == 16
    assert Align.model_validate("long-is-more").batch == 128
    for wrong in ({"preset": ["lora"]}, {"preset": "lime"}, {"epochs": float("inf")}, {"adapter": {"alpha": float("nan")}}):
        with pytest.raises(ValidationError):
            Align.model_validate(wrong)


def test_arms_choose_alike_when_only_their_number_and_their_training_differ():
    chooses = {"select": "facility_location", "quality": "asked", "gate": 0.3}
    arm = Arm.model_validate({**chooses, "budget": 100, "family": "curated"})
    assert arm.chooses_as(Arm.model_validate({**chooses, "budget": 50, "align": {"steps": 60}, "seeds": 5}))
    assert not arm.chooses_as(Arm.model_validate({**chooses, "budget": 100, "gate": 0.5}))
    assert not arm.chooses_as(Arm.model_validate({"select": "random", "budget": 100}))


def test_the_margin_has_its_defaults_and_its_bounds():
    assert Margin() == Margin(rating=0.2, net=0.1)
    for wrong in ({"rating": 0}, {"net": 1.5}, {"points": 3}):
        with pytest.raises(ValidationError):
            Margin.model_validate(wrong)
