"""Draw an evaluation: differences with their intervals, and hold rates by distance. Needs matplotlib."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from strandline.evaluate.report import EvaluationReport

INK, OURS, OTHER = "#333333", "#1a7f5a", "#999999"


def draw_report(report: EvaluationReport, path: Path) -> None:
    """Write the picture to `path`, whose suffix is the format."""
    figure = Figure(figsize=(13, 7), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _draw_differences(left, report)
    _draw_rates(right, report)
    figure.savefig(path)


def _draw_differences(axes: Axes, report: EvaluationReport) -> None:
    rows = [
        (f"{outcome}, against {placebo}", d)
        for outcome, by_placebo in report.edges.items()
        for placebo, d in by_placebo.items()
    ]
    rows += [(f"{outcome}, top less bottom third", d) for outcome, d in report.separation.items()]
    for row, (_, d) in enumerate(rows):
        axes.plot([d.low * 100, d.high * 100], [-row, -row], color=INK, linewidth=1.5)
        axes.plot(d.difference * 100, -row, "o", color=OURS if d.low > 0 else INK)
    axes.axvline(0, color=OTHER, linewidth=0.8)
    axes.set_yticks([-row for row in range(len(rows))], [name for name, _ in rows])
    axes.set_xlabel("points more held than by placebos (95 % interval)")
    axes.set_title("are the levels worth more than random ones?", loc="left")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_rates(axes: Axes, report: EvaluationReport) -> None:
    names = [f"{rate.near:g}-{rate.far:g}" for rate in report.rates]
    axes.plot(names, [rate.p_hold * 100 for rate in report.rates], "o-", color=OURS)
    axes.set_xlabel("distance when reported, ATR")
    axes.set_ylabel("held, %")
    axes.set_ylim(0, 100)
    axes.set_title("hold rate by distance (race)", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
