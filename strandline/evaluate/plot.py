"""The picture of an evaluation: differences with their intervals, and p_hold beside its placebo."""

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from strandline.evaluate.tables import Findings

INK, OURS, OTHER = "#333333", "#1a7f5a", "#999999"


def draw_evaluation(found: "Findings", path: Path) -> None:
    """Write the picture to `path`; its ending says the format."""
    figure = Figure(figsize=(13, 7), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _differences(left, found)
    _rates(right, found)
    figure.savefig(path)


def _differences(axes: Axes, found: "Findings") -> None:
    rows = [
        (f"{outcome}, against {placebo}", d)
        for outcome, by_placebo in found.worth.items()
        for placebo, d in by_placebo.items()
    ]
    rows += [(f"{outcome}, top less bottom third", d) for outcome, d in found.separation.items()]
    for place, (_, d) in enumerate(rows):
        axes.plot([d.low * 100, d.high * 100], [-place, -place], color=INK, linewidth=1.5)
        axes.plot(d.difference * 100, -place, "o", color=OURS if d.low > 0 else INK)
    axes.axvline(0, color=OTHER, linewidth=0.8)
    axes.set_yticks([-place for place in range(len(rows))], [name for name, _ in rows])
    axes.set_xlabel("points more held than by placebos (95 % interval)")
    axes.set_title("are the levels worth more than random ones?", loc="left")
    axes.spines[["top", "right"]].set_visible(False)


def _rates(axes: Axes, found: "Findings") -> None:
    names = [f"{rate.near:g}-{rate.far:g}" for rate in found.rates]
    axes.plot(names, [rate.p_hold * 100 for rate in found.rates], "o-", color=OURS, label="levels")
    axes.plot(names, [rate.placebo * 100 for rate in found.rates], "o--", color=OTHER, label="placebo")
    axes.set_xlabel("distance when told, ATR")
    axes.set_ylabel("held, %")
    axes.set_ylim(0, 100)
    axes.set_title("hold rate by distance (race)", loc="left")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
