"""The picture of an analysis: candles, zones as bands, visits as marks. Needs the `plot` extra (matplotlib)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from levels import Analysis, Candles, Level, Params, Visit, visits_by_level

COLOURS = {"support": "#1a7f5a", "resistance": "#b3402e"}
UP, DOWN, INK = "#5b8f7b", "#c08378", "#333333"
MARKS = {"bounced": ("o", "bounced"), "broke": ("x", "broke through"), "undecided": ("s", "still there")}


def draw(
    candles: Candles, analysis: Analysis, path: Path, params: Params = Params(), title: str = ""
) -> None:  # noqa: B008 - frozen
    """Write a picture of the candles and their levels to `path`; its ending says the format (png, svg, pdf).

    A band begins at its level's anchor. A mark stands where a visit began, on the edge that price came to.
    """
    figure = Figure(figsize=(16, 9), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    when = date2num(candles.time.astype("datetime64[ms]"))
    _candles(axes, candles, when)
    found = visits_by_level(candles, params)
    for level in analysis.levels:
        _band(axes, level, when[-1])
        _visits(axes, level, found.get(level.level_id, ()))
    _frame(axes, candles, analysis, when, title)
    figure.savefig(path)


def _candles(axes: Axes, candles: Candles, when: np.ndarray) -> None:
    colours = np.where(candles.close >= candles.open, UP, DOWN).tolist()
    for low, high, width in ((candles.low, candles.high, 0.5), (candles.open, candles.close, 1.6)):
        ends = np.stack((np.column_stack((when, low)), np.column_stack((when, high))), axis=1)
        axes.add_collection(LineCollection(list(ends), colors=colours, linewidths=width, zorder=2))


def _band(axes: Axes, level: Level, end: float) -> None:
    begin = date2num(np.datetime64(level.first_touch_at, "ms"))
    colour = COLOURS[level.side]
    axes.fill_between([begin, end], level.low, level.high, color=colour, alpha=0.22, linewidth=0, zorder=1)
    axes.hlines(level.price, begin, end, color=colour, linewidth=0.9, zorder=3)
    told = f"{level.price:.6g}  {level.touches} visits, {level.bounces} bounced  ({level.score:.2f})"
    axes.annotate(
        told, (end, level.price), (6, 0), textcoords="offset points", va="center", color=colour, fontsize=9
    )


def _visits(axes: Axes, level: Level, visits: Iterable[Visit]) -> None:
    for visit in visits:
        mark, _ = MARKS[visit.outcome]
        edge = level.high if visit.side == "above" else level.low
        at = date2num(np.datetime64(visit.at, "ms"))
        axes.plot(at, edge, mark, color=INK, markersize=5, markerfacecolor="none", zorder=4)


def _frame(axes: Axes, candles: Candles, analysis: Analysis, when: np.ndarray, title: str) -> None:
    axes.axhline(analysis.last_price, color=INK, linestyle=":", linewidth=0.8)
    prices = [candles.low.min(), candles.high.max()]
    margin = 0.02 * (prices[1] - prices[0])
    axes.set_ylim(prices[0] - margin, prices[1] + margin)
    axes.set_xlim(when[0], when[-1])
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    for mark, said in MARKS.values():
        axes.plot([], [], mark, color=INK, markerfacecolor="none", label=said)
    for side, colour in COLOURS.items():
        axes.plot([], [], color=colour, linewidth=6, alpha=0.4, label=side)
    axes.legend(loc="upper left", frameon=False, ncols=5, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    nothing = f" - no levels: {analysis.reason}" if analysis.reason else ""
    axes.set_title(f"{title or 'levels'}, last price {analysis.last_price:.6g}{nothing}", loc="left")
