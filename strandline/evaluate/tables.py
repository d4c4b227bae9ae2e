"""Print an evaluation as tables."""

from collections.abc import Callable, Iterable, Mapping
from math import isnan, nan

from rich.console import Console
from rich.table import Table

from levels.evaluation.intervals import Difference
from levels.evaluation.stability import LevelRetention
from levels.evaluation.usefulness import HORIZONS, Usefulness
from strandline.evaluate.report import ADDED, EvaluationReport
from strandline.terminal import print_table


def print_report(report: EvaluationReport, console: Console) -> None:
    """Print the tables one under another."""
    for table in (
        _series(report),
        _usefulness(report),
        _reach(report),
        edges_table(report.edges),
        _features(report),
        _separation(report),
        _rates(report),
    ):
        print_table(console, table)
    together, apart = report.calibration
    console.print(
        f"calibration: p_hold is off by {together * 100:.1f} points on markets it was not measured on, all "
        f"together; by {apart * 100:.1f} market by market, sampling noise included"
    )
    count, changed = report.repainted
    console.print(
        f"no repainting: of {count:,} decided visits seen again in a sliding window, {changed} changed"
    )


def make_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """Make a table with its title at the left."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table


def edges_table(edges: Mapping[str, Mapping[str, Difference]]) -> Table:
    """Make the table of hold rates by outcome and placebo."""
    rows = [
        [outcome, placebo, f"{d.n:,}", format_share(d.rate), format_share(d.other), format_points(d)]
        for outcome, by_placebo in edges.items()
        for placebo, d in by_placebo.items()
    ]
    columns = ["outcome", "placebo", "trials", "levels held", "placebo held", "difference, points"]
    return make_table("hold rates against placebos at equal distances", columns, rows)


def format_share(rate: float) -> str:
    """Format a rate in percent; a dash where there is none."""
    return "-" if isnan(rate) else f"{rate:.1%}"


def format_points(d: Difference) -> str:
    """Format a difference in percentage points with its 95 % interval; a dash where there is no data."""
    if isnan(d.difference):
        return "-"
    return f"{d.difference * 100:+.1f} [{d.low * 100:+.1f}, {d.high * 100:+.1f}]"


def _series(report: EvaluationReport) -> Table:
    total = {n: sum((kept[n] for kept in report.kept.values()), LevelRetention(0, 0, 0)) for n in ADDED}
    rows = [
        [name, f"{n:,}", f"{touches:,}", *_retention(report.kept[name])]
        for name, (n, touches) in report.series.items()
    ]
    sizes = report.series.values()
    rows.append(["all", f"{sum(n for n, _ in sizes):,}", f"{sum(t for _, t in sizes):,}", *_retention(total)])
    columns = ["series", "candles", "touches", "kept after 1", "after 20", "after 20, by match"]
    return make_table("series, and levels kept when candles are added (by id)", columns, rows)


def _usefulness(report: EvaluationReport) -> Table:
    total = sum(report.usefulness.values(), Usefulness(0, 0, 0, 0, 0))
    rows = []
    for name, used in [*report.usefulness.items(), ("all", total)]:
        errors = report.reach_series.get(name, {})
        rows.append(
            [
                name,
                format_share(used.touched / used.levels if used.levels else nan),
                format_share(used.far / used.sides if used.sides else nan),
                format_share(used.empty / used.sides if used.sides else nan),
                *(f"{errors[n].error * 100:.1f}" if n in errors else "" for n in HORIZONS),
            ]
        )
    columns = [
        "series",
        "touched within 100",
        "no level within 3 ATR",
        "no level",
        "p_reach error, 24",
        "100",
    ]
    return make_table(
        "levels that price gets to, and p_reach on each series left out (points)", columns, rows
    )


def _reach(report: EvaluationReport) -> Table:
    rows = [
        [
            f"{n}",
            name,
            f"{c.n:,}",
            f"{c.error * 100:.1f}",
            f"{c.bias * 100:+.1f}",
            f"{c.skill:.2f}",
            f"{c.auc:.2f}",
        ]
        for n, by_name in report.reach.items()
        for name, c in by_name.items()
    ]
    columns = ["candles", "of", "predictions", "error, points", "bias", "Brier skill", "AUC"]
    return make_table("p_reach: calibration over ten bins", columns, rows)


def _retention(kept: Mapping[int, LevelRetention]) -> list[str]:
    part: Callable[[int, int], str] = lambda some, of: format_share(some / of if of else nan)  # noqa: E731
    one, twenty = (kept[n] for n in ADDED)
    return [
        part(one.by_id, one.reported),
        part(twenty.by_id, twenty.reported),
        part(twenty.by_match, twenty.reported),
    ]


def _features(report: EvaluationReport) -> Table:
    columns = ["feature", "top third", "bottom third", "gap, points"]
    return make_table(
        "which features predict that a level holds? (race, less the placebo)",
        columns,
        _edge_rows(report.features),
    )


def _separation(report: EvaluationReport) -> Table:
    columns = ["outcome", "top third", "bottom third", "gap, points"]
    return make_table(
        "all features together, predicted for markets not fitted to (less the placebo)",
        columns,
        _edge_rows(report.separation),
    )


def _edge_rows(edges: Mapping[str, Difference]) -> list[list[str]]:
    return [
        [name, f"{d.rate * 100:+.1f}", f"{d.other * 100:+.1f}", format_points(d)] for name, d in edges.items()
    ]


def _rates(report: EvaluationReport) -> Table:
    rows = [[f"{r.near:g} to {r.far:g}", f"{r.p_hold:.1%}", f"{r.n:,}"] for r in report.rates]
    return make_table(
        "hold rate of levels and placebos by distance (race)", ["ATR away", "held", "touches"], rows
    )
