"""The analysis of a table of verdicts in words and figures, for a terminal of any width or a file."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from thousand.report import wording
from thousand.report.analysis import Analysis, Duel
from thousand.report.biases import Bias
from thousand.report.spread import Mean, Noise
from thousand.statistics import Components, Estimate


def tell(analysis: Analysis) -> str:
    """Everything, judge by judge. What names hold that is not printable is shown as its code: nothing but text reaches a terminal."""
    lines = [f"{analysis.verdicts:,} verdicts, {analysis.unread:,} rows without a verdict."]
    told: list[Duel | Mean | Noise] = [*analysis.duels, *analysis.means, *analysis.noise]
    seen = [(each.judge, each.criterion) for each in told]
    for judge, criterion in dict.fromkeys(seen):
        lines += ["", f"{judge}, {criterion}:"]
        lines += _table([each for each in analysis.duels if (each.judge, each.criterion) == (judge, criterion)])
        for mean in analysis.means:
            if (mean.judge, mean.criterion) == (judge, criterion):
                lines += _mean(mean)
        lines += [_noise(each) for each in analysis.noise if (each.judge, each.criterion) == (judge, criterion)]
        if criterion == "overall" and judge in analysis.strengths:
            strengths = analysis.strengths[judge].items()
            lines.append(
                "  Bradley-Terry: " + "; ".join(f"{arm} {_figure(each, lambda value: f'{value:+.2f}')}" for arm, each in strengths)
            )
    lines += ["", *_agreement(analysis)] if analysis.agreement else []
    lines += ["", *(f"Look at this: {each}" for each in analysis.alike)] if analysis.alike else []
    return "\n".join(map(visible, lines))


def _table(duels: Sequence[Duel]) -> Iterator[str]:
    names = [f"{each.a} against {each.b}" for each in duels]
    room = max((len(name) for name in names), default=0)
    for name, duel in zip(names, duels, strict=True):
        wins = duel.wins
        shares = wording.aligned(wins.win.value, wins.tie.value, wins.lose.value) if wins.win.value is not None else wording.NONE
        yield (
            f"  {name:<{room}}  wins / ties / losses {shares}  net {_figure(wins.net, wording.points)}  p {wording.probability(duel.p)}"
            f" ({wording.probability(duel.p_holm)} by Holm)  {wins.net.n:,} prompts"
        )
        yield (
            f"  {'':<{room}}  resolves {_figure(duel.resolves, _hundredths, span=False)} points in four of five tries;"
            f" {100 * duel.difference:.0f} points need {_figure(duel.needs, lambda value: f'{value:,.0f}', span=False)} prompts"
        ) + _without(duel.unread)
        if duel.bias is not None:
            yield from (f"  {'':<{room}}  {line}" for line in _bias(duel.bias))


def _hundredths(value: float) -> str:
    return f"{100 * value:.0f}"


def _bias(bias: Bias) -> Iterator[str]:
    yield f"ties {_figure(bias.ties, wording.percent)}; changes its mind with the order {_figure(bias.flips, wording.percent)}"
    yield f"the first shown wins {_figure(bias.first, wording.percent)}, net {_figure(bias.position, wording.points)} of all verdicts"
    yield f"the longer wins {_figure(bias.longer, wording.percent)}"
    yield f"win rate at equal length {_figure(bias.at_equal_length, wording.percent)}"


def _mean(mean: Mean) -> Iterator[str]:
    yield f"  {mean.arm}: mean rating {_figure(mean.rating, lambda value: f'{value:.2f}')}"
    if mean.rating.value is not None:
        if mean.shares:
            shares = [f"{each.rating:g}: {wording.percent(each.share.value)}" for each in mean.shares]
            interval = mean.shares[0].share.interval
            shares[0] += f" [{100 * interval.low:.0f}, {100 * interval.high:.0f}]" if interval else ""
            yield f"  {'':<{len(mean.arm)}}  {', '.join(shares)}"
        yield f"  {'':<{len(mean.arm)}}  variance: {_variance(mean.variance)}"


def _variance(parts: Components) -> str:
    """Those that can be told apart; an estimate below zero means none."""
    named = {"prompt": parts.prompt, "seed": parts.seed, "seed by prompt": parts.interaction, "sampling": parts.sampling}
    return ", ".join(f"{name} {max(0.0, each.value):.2f}" for name, each in named.items() if each.value is not None) or wording.NONE


def _noise(noise: Noise) -> str:
    how = "pair by pair" if noise.kind == "pair" else "by its ratings"
    bar = f"  {noise.arm} against itself, {noise.seeds} seeds, {how}: net {_figure(noise.net, wording.points)}"
    return bar + _without(noise.unread)


def _without(rows: int) -> str:
    return f"; {rows:,} without a verdict" if rows else ""


def _agreement(analysis: Analysis) -> Iterator[str]:
    yield "Agreement of the judges (ties discounted as in LIMA; beside it what chance would reach):"
    for each in analysis.agreement:
        found = each.tie_discounted
        others = f"strict {_short(each.strict)}, without ties {_short(each.without_ties)}, kappa {_number(each.kappa)}"
        yield (
            f"  {each.first} and {each.second}: {_figure(found, wording.percent)} of {found.n:,},"
            f" by chance {wording.percent(found.chance)}; {others}"
        )
    if analysis.alpha is not None:
        yield f"  all together: Krippendorff's alpha {_figure(analysis.alpha, lambda value: f'{value:.2f}')}"


def _short(estimate: Estimate) -> str:
    return wording.percent(estimate.value)


def _number(estimate: Estimate) -> str:
    return wording.NONE if estimate.value is None else f"{estimate.value:.2f}"


def _figure(estimate: Estimate, say: Callable[[float], str], *, span: bool = True) -> str:
    """A figure and its interval, or why there is none."""
    if estimate.value is None:
        return f"{wording.NONE} ({estimate.reason})"
    if not span or estimate.interval is None:
        return say(estimate.value)
    return f"{say(estimate.value)} [{say(estimate.interval.low)}, {say(estimate.interval.high)}]"


def visible(line: str) -> str:
    """Control characters, and others that are not printable, as codes; spaces of any width stay."""
    return "".join(
        each if each.isprintable() or unicodedata.category(each) == "Zs" else each.encode("unicode_escape").decode() for each in line
    )
