"""Every ratio of the page as one picture."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from benchmarks.figures import Figure

_OURS, _SPREAD = "#2c7fb8", "#7f7f7f"


def draw_ratios(figures: Iterable[Figure], path: Path) -> None:
    """Draw a bar a figure that has a ratio, with its spread, on a logarithmic axis; 1 is the baseline."""
    chosen = [figure for figure in figures if figure.ratio][::-1]
    with mpl.rc_context({"svg.hashsalt": "strandline", "svg.fonttype": "none", "font.size": 9}):
        canvas = Canvas(figsize=(9, 0.9 + 0.32 * len(chosen)), layout="constrained")
        axes = canvas.subplots()
        ratios = [figure.ratio or 0.0 for figure in chosen]
        axes.barh(range(len(chosen)), [ratio - 1 for ratio in ratios], left=1, color=_OURS, height=0.6)
        for row, figure in enumerate(chosen):
            if figure.spread_low and figure.spread_high:
                axes.hlines(row, figure.spread_low, figure.spread_high, color=_SPREAD, linewidth=1.5)
        axes.set_yticks(range(len(chosen)), [figure.name for figure in chosen])
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_xlabel("ratio to the baseline (1); more is better; grey: the spread over rounds")
        axes.grid(axis="x", alpha=0.3)
        axes.set_axisbelow(True)
        canvas.savefig(path, metadata={"Date": None, "Creator": None})
