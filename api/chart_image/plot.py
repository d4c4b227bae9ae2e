"""Draw a level chart: candles, zones as bands, visits as marks. Needs the `plot` extra (matplotlib).

It is imported by the process that draws, and by `strandline levels --plot`: matplotlib takes a second to load.
"""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager

from api.chart_image.chart import ChartStyle, LevelChart
from api.chart_image.style import CHINESE_FONT, COLOURS, WORDS, Colours, Words
from levels import Candles, Params, Visit, visits_by_level
from levels.analysis import candles_after_hole
from schemas.events import Level
from schemas.values import to_ms

MIN_CANDLES = 300
LINE_PIXELS = 21
"""The height of a line of text."""
WIDE = 800
"""From this many pixels on, there is a legend, and the label of a level contains its evidence."""
DPI = 100
MARKS = {"bounced": "o", "broke": "x", "undecided": "s"}


class Label(NamedTuple):
    """The text beside a level."""

    price: float
    side: str
    text: str


class LevelPlot:
    """One picture. `params` are those of the analysis, for the visits."""

    def __init__(self, chart: LevelChart, style: ChartStyle, params: Params = Params()) -> None:  # noqa: B008 - frozen
        self._chart = chart
        self._style = style
        self._params = params
        self._colours: Colours = COLOURS[style.theme]
        self._words: Words = WORDS[style.language]
        self._font = choose_font(style)

    def save(self, candles: Candles, file: BinaryIO | str, kind: str = "png") -> None:
        """Write the picture in a format (png, svg, pdf, jpg).

        A band begins at its level's anchor. A mark is drawn where a visit began, on the edge that price reached.
        Candles before a hole that ended a market, or long before the first level, are not drawn.
        """
        figure = Figure(
            figsize=(self._style.width / DPI, self._style.height / DPI),
            dpi=DPI,
            layout="constrained",
            facecolor=self._colours.ground,
        )
        self._draw(figure.add_subplot(facecolor=self._colours.ground), candles)
        figure.savefig(file, format=kind)

    def _draw(self, axes: Axes, candles: Candles) -> None:
        analysed = candles_after_hole(candles, self._params)
        series = crop_history(analysed, self._chart.levels)
        begin, end = _to_days(series.time[0]), _to_days(series.time[-1])
        self._draw_candles(axes, series)
        visits = visits_by_level(analysed, self._params) if self._chart.levels else {}
        for level in self._chart.levels:
            self._draw_band(axes, level, end)
            self._draw_visits(axes, level, visits.get(level.level_id, ()))
        for side, price in self._chart.prices:
            axes.hlines(price, begin, end, color=self._colour_of(side), linewidth=0.9, zorder=3)
        self._draw_frame(axes, series)
        if self._style.width >= WIDE:
            self._draw_legend(axes)
        self._draw_labels(axes, end)

    def _draw_candles(self, axes: Axes, candles: Candles) -> None:
        when = _to_days(candles.time)
        rises = candles.close >= candles.open
        colours = np.where(rises, self._colours.up, self._colours.down).tolist()
        for low, high, width in ((candles.low, candles.high, 0.5), (candles.open, candles.close, 1.6)):
            ends = np.stack((np.column_stack((when, low)), np.column_stack((when, high))), axis=1)
            axes.add_collection(LineCollection(list(ends), colors=colours, linewidths=width, zorder=2))

    def _draw_band(self, axes: Axes, level: Level, end: float) -> None:
        begin, colour = _to_days(to_ms(level.first_touch_at)), self._colour_of(level.side)
        axes.fill_between(
            [begin, end], level.low, level.high, color=colour, alpha=0.22, linewidth=0, zorder=1
        )
        axes.hlines(level.price, begin, end, color=colour, linewidth=0.9, zorder=3)

    def _draw_visits(self, axes: Axes, level: Level, visits: Iterable[Visit]) -> None:
        for visit in visits:
            edge = level.high if visit.side == "above" else level.low
            axes.plot(_to_days(visit.at), edge, MARKS[visit.outcome], zorder=4, **self._mark_style())

    def _draw_labels(self, axes: Axes, end: float) -> None:
        """Write one line of text per level, moved apart where they would overlap."""
        scale = axes.transData + axes.transAxes.inverted()
        line = LINE_PIXELS / self._style.height
        labels = nearest_labels(self._list_labels(), self._chart.last_price, int(0.8 / line))
        heights = spread_heights([float(scale.transform((end, label.price))[1]) for label in labels], line)
        for label, height in zip(labels, heights, strict=True):
            axes.text(
                1.005,
                height,
                label.text,
                transform=axes.transAxes,
                va="center",
                color=self._colour_of(label.side),
                fontproperties=self._font,
                fontsize=9,
            )

    def _list_labels(self) -> list[Label]:
        plain = [Label(price, side, f"{price:.6g}") for side, price in self._chart.prices]
        found = [Label(level.price, level.side, self._describe(level)) for level in self._chart.levels]
        return found + plain

    def _describe(self, level: Level) -> str:
        price = f"{level.price:.6g}"
        if self._style.width < WIDE:
            return price
        words = self._words
        visits = words.one_visit if level.touches == 1 else words.visits.format(count=level.touches)
        parts = [visits, words.bounces.format(count=level.bounces)]
        if level.p_reach_100 is not None:
            parts.append(words.reach.format(share=f"{level.p_reach_100:.0%}"))
        return f"{price}  {', '.join(parts)}"

    def _draw_frame(self, axes: Axes, candles: Candles) -> None:
        axes.axhline(self._chart.last_price, color=self._colours.text, linestyle=":", linewidth=0.8)
        shown = [label.price for label in self._list_labels()]
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
        axes.tick_params(colors=self._colours.muted, which="both")
        axes.xaxis.get_offset_text().set_color(self._colours.muted)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(self._colours.muted)
        axes.set_title(self._title(), loc="left", color=self._colours.text, fontproperties=self._font)

    def _title(self) -> str:
        price = f"{self._chart.last_price:.6g}"
        title = self._words.last_price.format(title=self._chart.title, price=price)
        note = self._chart.note
        return f"{title} - {self._words.no_levels.format(note=note)}" if note else title

    def _draw_legend(self, axes: Axes) -> None:
        for outcome, mark in MARKS.items():
            axes.plot([], [], mark, label=getattr(self._words, outcome), **self._mark_style())
        for side in ("support", "resistance"):
            label, colour = getattr(self._words, side), self._colour_of(side)
            axes.plot([], [], color=colour, linewidth=6, alpha=0.4, label=label)
        axes.legend(
            loc="upper left",
            frameon=False,
            ncols=5,
            labelcolor=self._colours.text,
            prop=self._font.copy(),
        )

    def _mark_style(self) -> dict[str, Any]:
        return {"color": self._colours.text, "markersize": 5, "markerfacecolor": "none"}

    def _colour_of(self, side: str) -> str:
        return self._colours.support if side == "support" else self._colours.resistance


def choose_font(style: ChartStyle) -> FontProperties:
    """Return the font of the texts: matplotlib's own, and for Chinese one that has its characters besides."""
    families = ["DejaVu Sans"]
    if style.language == "zh":
        fontManager.addfont(CHINESE_FONT)
        families.append(FontProperties(fname=CHINESE_FONT).get_name())
    return FontProperties(family=families, size=9)


def crop_history(candles: Candles, levels: Sequence[Level]) -> Candles:
    """Return the candles from somewhat before the first touch of a level, so that near levels are not one line."""
    if not levels:
        return candles
    first = int(np.searchsorted(candles.time, min(to_ms(level.first_touch_at) for level in levels)))
    shown = max(MIN_CANDLES, int((len(candles) - first) * 1.15))
    return candles[max(0, len(candles) - shown) :]


def nearest_labels(labels: Sequence[Label], last_price: float, room: int) -> list[Label]:
    """Return the `room` labels nearest to the last price, by ascending price."""
    nearest = sorted(labels, key=lambda label: abs(label.price - last_price))[: max(1, room)]
    return sorted(nearest)


def spread_heights(heights: Sequence[float], line: float) -> list[float]:
    """Return ascending heights (0 to 1) at least a line apart, moved as little as that takes and not above the top."""
    spread: list[float] = []
    for height in heights:
        spread.append(max(height, spread[-1] + line) if spread else height)
    for place in reversed(range(len(spread))):
        limit = spread[place + 1] - line if place + 1 < len(spread) else 1.0
        spread[place] = min(spread[place], limit)
    return spread


def _to_days(ms: Any) -> Any:
    """Convert ms to the days since 1970 that matplotlib uses."""
    return ms / 86_400_000
