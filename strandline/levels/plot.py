"""Draw an analysis: candles, zones as bands, visits as marks. Needs the `plot` extra (matplotlib)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from levels import Analysis, Candles, Level, Params, Visit, visits_by_level
from levels.analysis import candles_after_hole

COLOURS = {"support": "#1a7f5a", "resistance": "#b3402e"}
MIN_CANDLES = 300
LINE = 0.024
"""The height of a line of text, as a part of the picture's."""
UP, DOWN, INK = "#5b8f7b", "#c08378", "#333333"
MARKS = {"bounced": ("o", "bounced"), "broke": ("x", "broke through"), "undecided": ("s", "still there")}


def draw_levels(
    candles: Candles, analysis: Analysis, path: Path, params: Params | None = None, title: str = ""
) -> None:
    """Write a picture of the candles and their levels to `path`, whose suffix is the format (png, svg, pdf).

    A band begins at its level's anchor. A mark is drawn where a visit began, on the edge that price reached.
    `params` are those of the analysis. Candles before a hole that ended a market, or long before the first level, are
    not drawn.
    """
    params = params or Params()
    analysed = candles_after_hole(candles, params)
    series = crop_history(analysed, analysis.levels)
    figure = Figure(figsize=(16, 9), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    _draw_candles(axes, series)
    found = visits_by_level(analysed, params)
    for level in analysis.levels:
        _draw_band(axes, level, _to_days(series.time[-1]))
        _draw_visits(axes, level, found.get(level.level_id, ()))
    _draw_frame(axes, series, analysis, title)
    _draw_labels(axes, analysis, _to_days(series.time[-1]))
    figure.savefig(path)


def crop_history(candles: Candles, levels: Sequence[Level]) -> Candles:
    """Return the candles from somewhat before the first touch of a level, so that near levels are not one line."""
    if not levels:
        return candles
    first = int(np.searchsorted(candles.time, min(level.first_touch_at for level in levels)))
    shown = max(MIN_CANDLES, int((len(candles) - first) * 1.15))
    return candles[max(0, len(candles) - shown) :]


def _to_days(ms: Any) -> Any:
    """Convert ms to the days since 1970 that matplotlib uses."""
    return ms / 86_400_000


def _draw_candles(axes: Axes, candles: Candles) -> None:
    when = _to_days(candles.time)
    colours = np.where(candles.close >= candles.open, UP, DOWN).tolist()
    for low, high, width in ((candles.low, candles.high, 0.5), (candles.open, candles.close, 1.6)):
        ends = np.stack((np.column_stack((when, low)), np.column_stack((when, high))), axis=1)
        axes.add_collection(LineCollection(list(ends), colors=colours, linewidths=width, zorder=2))


def _draw_band(axes: Axes, level: Level, end: float) -> None:
    begin, colour = _to_days(level.first_touch_at), COLOURS[level.side]
    axes.fill_between([begin, end], level.low, level.high, color=colour, alpha=0.22, linewidth=0, zorder=1)
    axes.hlines(level.price, begin, end, color=colour, linewidth=0.9, zorder=3)


def _draw_labels(axes: Axes, analysis: Analysis, end: float) -> None:
    """Write one line of text per level, moved apart where they would overlap."""
    scale = axes.transData + axes.transAxes.inverted()
    levels = sorted(analysis.levels, key=lambda level: level.price)
    heights = spread_heights([float(scale.transform((end, level.price))[1]) for level in levels])
    for level, height in zip(levels, heights, strict=True):
        visits = "1 visit" if level.touches == 1 else f"{level.touches} visits"
        label = f"{level.price:.6g}  {visits}, {level.bounces} bounced, reach {level.p_reach_100:.0%}"
        colour = COLOURS[level.side]
        axes.text(1.005, height, label, transform=axes.transAxes, va="center", color=colour, fontsize=9)


def spread_heights(heights: Sequence[float]) -> list[float]:
    """Return ascending heights (0 to 1) at least a line apart, moved as little as that takes and not above the top."""
    spread: list[float] = []
    for height in heights:
        spread.append(max(height, spread[-1] + LINE) if spread else height)
    for place in reversed(range(len(spread))):
        limit = spread[place + 1] - LINE if place + 1 < len(spread) else 1.0
        spread[place] = min(spread[place], limit)
    return spread


def _draw_visits(axes: Axes, level: Level, visits: Iterable[Visit]) -> None:
    for visit in visits:
        mark, _ = MARKS[visit.outcome]
        edge = level.high if visit.side == "above" else level.low
        axes.plot(_to_days(visit.at), edge, mark, color=INK, markersize=5, markerfacecolor="none", zorder=4)


def _draw_frame(axes: Axes, candles: Candles, analysis: Analysis, title: str) -> None:
    axes.axhline(analysis.last_price, color=INK, linestyle=":", linewidth=0.8)
    shown = [level.price for level in analysis.levels]
    # Quantiles, so that one absurd wick does not flatten everything else.
    bottom = min([float(np.quantile(candles.low, 0.001)), *shown])
    top = max([float(np.quantile(candles.high, 0.999)), *shown])
    if top > 3 * bottom:
        axes.set_yscale("log")
    axes.set_ylim(bottom * (bottom / top) ** 0.02, top * (top / bottom) ** 0.06)
    axes.set_xlim(_to_days(candles.time[0]), _to_days(candles.time[-1]))
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    for mark, label in MARKS.values():
        axes.plot([], [], mark, color=INK, markerfacecolor="none", label=label)
    for side, colour in COLOURS.items():
        axes.plot([], [], color=colour, linewidth=6, alpha=0.4, label=side)
    axes.legend(loc="upper left", frameon=False, ncols=5, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    nothing = f" - no levels: {analysis.reason}" if analysis.reason else ""
    axes.set_title(f"{title or 'levels'}, last price {analysis.last_price:.6g}{nothing}", loc="left")
