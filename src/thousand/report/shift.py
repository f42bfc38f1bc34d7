"""Superficial alignment, measured: how many of the claim's tokens the base would have said itself, where they stand, and which are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.report import wording
from thousand.report.canvas import INK, LINE, LOSE, MUTED, ON_LOSE, ON_WIN, TIE, WIN, Canvas
from thousand.report.compare import bounds
from thousand.report.figure import Cell, Table, hundredths, rounded
from thousand.report.measures import Measured, Shift, ShiftAt, ShiftedToken
from thousand.statistics.estimate import of_totals

Floats = NDArray[np.float64]

KINDS = ("unshifted", "marginal", "shifted")
MOST = 20
"""Shifted tokens that are named."""
PANEL = 360
_LEFT, _HEAD, _PLOT = 52, 46, 150


def measured(table: pa.Table) -> Shift | None:
    """The measurement summed up; None where no token was measured.

    Intervals resample prompts with all their tokens and seeds, never tokens: those of one answer stand and fall together.

    Args:
        table: schema `tables.SHIFT`, and a column ``seed`` where there are several.
    """
    columns = {name: table[name].to_pylist() for name in ("prompt_id", "position", "token", "kind", "probability", "kl")}
    seeds = table["seed"].to_pylist() if "seed" in table.column_names else [0] * table.num_rows
    names = {name: i for i, name in enumerate(dict.fromkeys(columns["prompt_id"]))}
    prompt = np.array([names[name] for name in columns["prompt_id"]], np.int64)
    position = np.array([np.nan if each is None else each for each in columns["position"]])
    kl = np.array([np.nan if each is None else each for each in columns["kl"]])
    kinds = np.stack([np.array([each == kind for each in columns["kind"]], np.float64) for kind in KINDS], axis=-1).reshape(-1, 3)
    parts = np.concatenate([kinds, np.nan_to_num(kl)[:, None], ~np.isnan(kl)[:, None]], axis=1)
    said: NDArray[np.bool_] = np.any(kinds, axis=1)
    if not said.any():
        return None
    whole = _by_prompt(prompt[said], parts[said], len(names))
    probabilities = [each for each in columns["probability"] if each is not None]
    return Shift(
        tokens=int(said.sum()),
        **{kind: _share(whole, i) for i, kind in enumerate(KINDS)},
        kl=_mean_kl(whole),
        by_position=list(_bands(prompt[said], position[said], parts[said], len(names))),
        most_shifted=_most([token for token, yes in zip(columns["token"], said, strict=True) if yes], kinds[said, 2] > 0),
        prompts=len(set(prompt[said].tolist())),
        seeds=len(set(seeds)),
        unmeasured=int(np.isnan(position).sum()),
        ended=columns["kind"].count("end"),
        unmatched=sum(kind is None and place is not None for kind, place in zip(columns["kind"], columns["position"], strict=True)),
        probability=float(np.mean(probabilities)),
    )


def panels(shift: Shift) -> list[Canvas]:
    """By position: the shares of the three kinds as stacked bars, and the divergence as a line."""
    return [_shares(shift.by_position), _divergence(shift.by_position)] if shift.by_position else []


def said(shift: Shift) -> str:
    """What one sees, in words."""
    first, last = shift.by_position[0], shift.by_position[-1]
    told = [
        f"Of {shift.tokens:,} tokens of greedy answers to {wording.plural(shift.prompts, 'prompt')} the base, reading along, would have"
        f" said {wording.percent(shift.unshifted.value)} itself{_between(shift.unshifted)}, had"
        f" {wording.percent(shift.marginal.value)} among its first three, and {wording.percent(shift.shifted.value)} are new.",
        f"{_place(first)}: {wording.percent(first.shifted)} are new; {_place(last).lower()}: {wording.percent(last.shifted)}.",
    ]
    if shift.ended:
        told.append(
            f"The {wording.plural(shift.ended, 'end')} of turn, which no base has, {'is' if shift.ended == 1 else 'are'} not counted."
        )
    if shift.unmatched:
        told.append(f"{wording.plural(shift.unmatched, 'token')} at the start of answers the base cuts differently: not counted.")
    if shift.unmeasured:
        told.append(f"{wording.plural(shift.unmeasured, 'answer')} could not be measured.")
    return " ".join(told)


def rows(shift: Shift) -> Table:
    """Every range of positions; shares in percent."""
    found: list[list[Cell]] = []
    for each in shift.by_position:
        shares = [hundredths(getattr(each, kind)) for kind in KINDS]
        found.append(
            [each.first, each.last, each.tokens, *shares, *(hundredths(end) for end in each.interval or (None, None)), rounded(each.kl)]
        )
    columns = ["From", "To", "Tokens", "Unshifted, %", "Marginal, %", "Shifted, %", "Unshifted, low", "Unshifted, high", "KL, nats"]
    return Table(columns, found)


def tokens(shift: Shift) -> Table:
    """The tokens most often shifted, with what cannot be seen written out."""
    return Table(["Token", "Times", "Shifted"], [[shown(each.token), each.times, each.shifted] for each in shift.most_shifted])


def shown(token: str) -> str:
    """A token so that its spaces and line ends are seen."""
    return (
        token.replace(" ", "\N{OPEN BOX}").replace("\n", "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}").replace("\t", "\N{RIGHTWARDS ARROW}")
    )


def _by_prompt(prompt: NDArray[np.int64], parts: Floats, n: int) -> Floats:
    """What each prompt adds, those without any token left out. (prompts, 5): unshifted, marginal, shifted, KL and its count"""
    totals: Floats = np.stack([np.bincount(prompt, column, n) for column in parts.T], axis=-1).astype(np.float64)
    return totals[totals[:, :3].any(axis=1)]


def _share(whole: Floats, kind: int) -> Measured:
    found = of_totals(whole, lambda totals: totals[..., kind] / totals[..., :3].sum(-1), len(whole), undefined="there are no tokens")
    return Measured(value=found.value, interval=bounds(found.interval), n=found.n, reason=found.reason)


def _mean_kl(whole: Floats) -> Measured:
    why = "the two models have other tokens everywhere"
    found = of_totals(whole, lambda totals: totals[..., 3] / totals[..., 4], len(whole), undefined=why)
    return Measured(value=found.value, interval=bounds(found.interval), n=found.n, reason=found.reason)


def _bands(prompt: NDArray[np.int64], position: Floats, parts: Floats, n: int) -> Iterator[ShiftAt]:
    """1, 2, 3 to 4, 5 to 8, ...: each as long as all before it, for an answer changes most where it begins."""
    first = 1
    while first <= position.max():
        last = max(1, 2 * (first - 1))
        here = (position >= first) & (position <= last)
        if here.any():
            whole = _by_prompt(prompt[here], parts[here], n)
            kl, total = _mean_kl(whole), whole[:, :3].sum()
            shares = {kind: float(whole[:, i].sum() / total) for i, kind in enumerate(KINDS)}
            end = min(last, int(position.max()))
            yield ShiftAt(first=first, last=end, tokens=int(total), **shares, kl=kl.value, interval=_share(whole, 0).interval)
        first = last + 1


def _most(said: Sequence[str], shifted: NDArray[np.bool_]) -> list[ShiftedToken]:
    times, new = Counter(said), Counter(token for token, yes in zip(said, shifted, strict=True) if yes)
    order = sorted(new, key=lambda token: (-new[token], times[token], token))
    return [ShiftedToken(token=token, times=times[token], shifted=new[token]) for token in order[:MOST]]


def _between(share: Measured) -> str:
    return f" [{wording.percent_span(share.interval)}]" if share.interval else ""


def _place(band: ShiftAt) -> str:
    return f"Token {band.first}" if band.first == band.last else f"Tokens {band.first} to {band.last}"


def _label(band: ShiftAt) -> str:
    return str(band.first) if band.first == band.last else f"{band.first}–{band.last}"


def _shares(bands: Sequence[ShiftAt]) -> Canvas:
    told = "; ".join(
        f"{_place(each)}: {wording.percent(each.unshifted)} unshifted, {wording.percent(each.shifted)} shifted" for each in bands
    )
    canvas = Canvas(PANEL, _HEAD + _PLOT + 34, f"Tokens by their rank in the base, by position in the answer. {told}")
    canvas.text(0, 9, "What the base would have said", size=13, colour=INK)
    for x, colour, word in ((0, WIN, "its first"), (90, TIE, "second or third"), (226, LOSE, "another")):
        canvas.box(x, 25, 10, 10, colour)
        canvas.text(x + 15, 30, word, size=11.5, colour=MUTED)
    pitch = PANEL / len(bands)
    for at, each in enumerate(bands):
        y = float(_HEAD)
        for share, colour, ink in ((each.unshifted, WIN, ON_WIN), (each.marginal, TIE, INK), (each.shifted, LOSE, ON_LOSE)):
            canvas.box(at * pitch + 2, y, pitch - 4, _PLOT * share, colour)
            if _PLOT * share > 16 and pitch > 30:
                canvas.text((at + 0.5) * pitch, y + _PLOT * share / 2, wording.percent(share), size=11, colour=ink, align="center")
            y += _PLOT * share
        canvas.text((at + 0.5) * pitch, _HEAD + _PLOT + 12, _label(each), size=10.5, colour=MUTED, align="center", room=pitch)
    canvas.text(PANEL / 2, _HEAD + _PLOT + 27, "token of the answer", size=11.5, colour=MUTED, align="center")
    return canvas


def _divergence(bands: Sequence[ShiftAt]) -> Canvas:
    known = [(at, each.kl) for at, each in enumerate(bands) if each.kl is not None]
    told = "; ".join(f"{_place(bands[at])}: {kl:.2f}" for at, kl in known)
    canvas = Canvas(PANEL, _HEAD + _PLOT + 34, f"Divergence of the aligned model from the base in nats, by position. {told}")
    canvas.text(0, 9, "Divergence from the base, nats", size=13, colour=INK)
    high = max((kl for _, kl in known), default=0.0) or 1.0
    pitch = (PANEL - _LEFT) / len(bands)
    bottom, room = _HEAD + _PLOT, _PLOT - 8
    for value in (0.0, high):
        canvas.line(_LEFT, bottom - room * value / high, PANEL, bottom - room * value / high, colour=LINE)
        canvas.text(_LEFT - 6, bottom - room * value / high, f"{value:.2g}", size=11, colour=MUTED, align="right")
    x = np.array([_LEFT + (at + 0.5) * pitch for at, _ in known])
    y = np.array([bottom - room * kl / high for _, kl in known])
    canvas.curve(x, y, colour=LOSE)
    canvas.dots(x, y, LOSE, radius=3.5)
    for at, each in enumerate(bands):
        canvas.text(_LEFT + (at + 0.5) * pitch, bottom + 12, _label(each), size=10.5, colour=MUTED, align="center", room=pitch)
    canvas.text((_LEFT + PANEL) / 2, bottom + 27, "token of the answer", size=11.5, colour=MUTED, align="center")
    return canvas
