"""Every figure of a run, by name: the page shows them, and they are written beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thousand.recipe import Recipe
from thousand.report import ablations, checkpoints, costs, figures, judging, picture, quantity, seen, shift, wording
from thousand.report.choice import Picture
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.figure import Cell, Figure, Table, apart, drawn, hundredths, name_of, rounded
from thousand.report.measures import Bounds, Curve
from thousand.report.summary import ArmResult, Comparison, PoolCounts, Summary


@dataclass(frozen=True)
class Wins:
    """Of one judge on one criterion the bars, and the net wins over the noise where the criterion decides."""

    judge: str
    criterion: str
    bars: Figure
    net: Figure | None


@dataclass(frozen=True)
class Gallery:
    """All figures of a run: the wins, judges that decide first, and the others by name; no two have one name."""

    wins: Sequence[Wins]
    others: Mapping[str, Figure]

    def every(self) -> list[Figure]:
        """In the order of the page."""
        return [figure for each in self.wins for figure in (each.bars, each.net) if figure] + list(self.others.values())


def gallery(summary: Summary, evidence: Evidence) -> Gallery:
    """Draw everything; what was not measured has no figure."""
    deciding = summary.question.judges
    found = _by_judge(summary.comparisons)
    ordered = sorted(found, key=lambda key: (key[1] != "overall", deciding.index(key[0]) if key[0] in deciding else len(deciding)))
    others = {figure.name: figure for figure in _all(summary, evidence)}
    pairs = [_wins(summary, judge, criterion, found[judge, criterion]) for judge, criterion in ordered]
    bars = list(apart((bar for bar, _ in pairs), others))
    nets = iter(list(apart((net for _, net in pairs if net), [*others, *(bar.name for bar in bars)])))
    wins = [Wins(*key, bar, next(nets) if net else None) for key, bar, (_, net) in zip(ordered, bars, pairs, strict=True)]
    return Gallery(wins, others)


def compared(comparisons: Sequence[Comparison], name: str, caption: str) -> Figure:
    """The bars of one judge with every number of them."""
    rows: list[list[Cell]] = []
    for each in comparisons:
        shares = [hundredths(share) for share in (each.win, each.tie, each.lose, each.net, *(each.interval or (None, None)))]
        counts = [each.n, each.seeds_a, each.seeds_b, each.unparsed, each.flipped if each.kind == "pair" else None]
        rows.append([each.b, *shares, rounded(each.p), rounded(each.p_holm), *counts, each.void or ""])
    head = ["Against", "Wins, %", "Ties, %", "Losses, %", "Net, points", "Low", "High", "p", "p, Holm", "Prompts"]
    columns = [*head, "Seeds", "Its seeds", "Unread", "Flipped", "Void"]
    return drawn(name, caption, figures.win_tie_lose, comparisons, Table(columns, rows))


def _all(summary: Summary, evidence: Evidence) -> Iterator[Figure]:
    arms = summary.arms
    if any(arm.mean_rating is not None for arm in arms):
        yield drawn(
            "ratings", "Mean rating of each arm. The line is the 95% interval over prompts and seeds.", figures.ratings, arms, _rated(arms)
        )
    if any(arm.correct is not None for arm in arms):
        yield drawn("correct", "Share of answers found correct, with 95% intervals.", figures.correct, arms, _correct(arms))
    yield from _quantity(summary.curves)
    yield from _ablations(arms, evidence.recipe)
    if any(_asked_again(arm) for arm in arms):
        caption = "Of what the base knew, the share that each arm still knows. A full dot far from its hollow one has forgotten."
        rows = [
            [arm.name, hundredths(arm.knowledge_before), hundredths(arm.knowledge_after), "yes" if arm.collapsed else ""] for arm in arms
        ]
        yield drawn(
            "knowledge", caption, figures.knowledge, arms, Table(["Arm", "Base knew, %", "Of it known still, %", "Collapsed"], rows)
        )
    yield from _checkpoints(evidence.arms)
    if summary.shift is not None and summary.shift.by_position:
        yield Figure("shift", shift.said(summary.shift), shift.panels(summary.shift), None, shift.rows(summary.shift))
    yield drawn(
        "pool", "Where every row went. Orange rows left the pool for the reason named.", figures.pool, summary.pool, _pool(summary.pool)
    )
    if evidence.picture is not None:
        yield from _choice(evidence.picture)
    if any(pair.tie_discounted.value is not None for pair in summary.agreement):
        caption = (
            "How often two judges agree about the same answers, a tie beside a win counting half; under the names what chance reaches."
        )
        yield drawn("agreement", caption, judging.agreement, summary.agreement, judging.agreement_numbers(summary.agreement))
    costly = [arm for arm in summary.cost.by_arm if sum(arm.seconds.values())]
    if costly:
        yield drawn(
            "cost",
            "Wall time of each arm, all seeds together, and of each point of rating that it gained over the untouched base.",
            costs.costs,
            costly,
            costs.numbers(costly),
        )


def _wins(summary: Summary, judge: str, criterion: str, rows: Sequence[Comparison]) -> tuple[Figure, Figure | None]:
    name = name_of("wins", judge, *([criterion] if criterion != "overall" else []))
    fewest, most = min(each.n for each in rows), max(each.n for each in rows)
    n = ("" if fewest == most else f"{fewest:,} to ") + wording.plural(most, "prompt")
    alone = "" if criterion == "overall" else f', on "{criterion}" alone'
    bars = compared(rows, name, f"By {judge}{alone}, over {n}. Net win is wins less losses, in percentage points.")
    if criterion != "overall":
        return bars, None
    bar = judging.noise_of(summary.noise, judge, summary.arms[0].name)
    noise = bar.net.interval if bar else None
    caption = f"Net wins by {judge} with their 95% intervals. " + (
        f"Grey: how far two seeds of {bar.arm} come apart with nothing else between them ({wording.points_span(noise)} points)."
        " Coloured: intervals that clear it."
        if bar
        else "How far two seeds of one arm come apart is not known: no arm was judged with several."
    )
    return bars, _net(rows, noise, name_of("net", judge), caption)


def _net(rows: Sequence[Comparison], noise: Bounds | None, name: str, caption: str) -> Figure:
    cells: list[list[Cell]] = [[each.b, *map(hundredths, (each.net, *(each.interval or (None, None))))] for each in rows]
    if noise:
        cells.append(["noise", 0.0, *map(hundredths, noise)])
    return drawn(
        name, caption, lambda what, width: figures.net(what, noise, width), rows, Table(["Against", "Net, points", "Low", "High"], cells)
    )


def _quantity(curves: Sequence[Curve]) -> Iterator[Figure]:
    """One figure for each judge and unit."""
    for judge, unit in dict.fromkeys((each.judge, each.unit) for each in curves):
        own = {each.family: each for each in curves if (each.judge, each.unit) == (judge, unit) and each.points}
        if own:
            what = f"Mean rating by {judge}" if unit == "rating" else f"Net wins against the claim by {judge}, in points,"
            steps = any(each.equal_steps in own for each in own.values())
            caption = f"{what} by the number of examples. Whiskers: 95% intervals over prompts and seeds." + (
                " Lines and bands: a saturating curve and its 95% band." if any(each.fit for each in own.values()) else ""
            )
            caption += " Dashed and hollow: an equal number of steps at every budget; solid and full: of epochs." if steps else ""
            caption += " Ringed: the smallest that is shown to be enough." if any(each.smallest for each in own.values()) else ""
            yield drawn(name_of("quantity", judge), caption, quantity.quantity, own, quantity.numbers(own))


def _ablations(arms: Sequence[ArmResult], recipe: Recipe) -> Iterator[Figure]:
    equal = ablations.equal_size(arms)
    if len(equal) > 1:
        caption = f"Arms with {wording.count(arms[0].examples)} examples each: only the choice differs, as named under each."
        table = ablations.numbers(equal, recipe)
        yield drawn("choice", caption, lambda what, width: ablations.ablations(what, recipe, width), equal, table)


def _checkpoints(arms: Sequence[ArmEvidence]) -> Iterator[Figure]:
    if any(arm.checkpoints for arm in arms):
        table = checkpoints.numbers(arms)
        yield Figure("checkpoints", checkpoints.said(arms), checkpoints.panels(arms), None, table)
        if panels := checkpoints.against(arms):
            yield Figure("perplexity", checkpoints.said_against(arms), panels, None, table)


def _choice(what: Picture) -> Iterator[Figure]:
    """The picture of the choice: panels, one for each arm, and what one sees in them."""
    yield Figure("map", seen.maps(what), picture.maps(what), None, picture.where(what))
    yield drawn("coverage", seen.curves(what), picture.curves, what, picture.covered(what))
    yield Figure("lengths", seen.lengths(what), picture.lengths(what), None, picture.long(what))
    if panels := picture.sources(what):
        yield Figure("sources", seen.sources(what), panels, None, picture.from_where(what))


def _rated(arms: Sequence[ArmResult]) -> Table:
    rows: list[list[Cell]] = [
        [arm.name, arm.examples, arm.steps, arm.seeds, rounded(arm.mean_rating), *map(rounded, arm.interval or (None, None))]
        for arm in arms
        if arm.mean_rating is not None
    ]
    return Table(["Arm", "Examples", "Steps", "Seeds", "Rating", "Low", "High"], rows)


def _correct(arms: Sequence[ArmResult]) -> Table:
    rows: list[list[Cell]] = [
        [arm.name, hundredths(arm.correct), *map(hundredths, arm.correct_interval or (None, None))]
        for arm in arms
        if arm.correct is not None
    ]
    return Table(["Arm", "Correct, %", "Low", "High"], rows)


def _pool(counts: PoolCounts) -> Table:
    rows: list[list[Cell]] = [["read", counts.read]]
    rows += [[f"could not be read: {reason}", n] for reason, n in counts.rejected.items()]
    rows += [[f"dropped: {reason}", n] for reason, n in counts.dropped.items()]
    return Table(["What became of the rows", "Rows"], [*rows, ["kept", counts.kept], ["chosen", counts.selected]])


def _asked_again(arm: ArmResult) -> bool:
    return arm.role != "base" and arm.knowledge_after is not None


def _by_judge(comparisons: Iterable[Comparison]) -> dict[tuple[str, str], list[Comparison]]:
    """Judge and criterion to what is drawn in one figure; an arm seen in pairs and rated is drawn by its pairs."""
    found: dict[tuple[str, str], dict[str, Comparison]] = {}
    for each in comparisons:
        if each.n:
            found.setdefault((each.judge, each.criterion), {}).setdefault(each.b, each)
    return {key: list(rows.values()) for key, rows in found.items()}
