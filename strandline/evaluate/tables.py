"""What levels are worth, measured: the tables that docs/levels.md quotes, from any candles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from math import isnan, nan
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import track
from rich.table import Table

from levels import Candles, Params
from levels.evaluation.hold import RACE, calibration_error, measure
from levels.evaluation.intervals import Difference, compare
from levels.evaluation.outcomes import NAMES
from levels.evaluation.separation import by_feature, out_of_sample, thirds
from levels.evaluation.stability import Kept, kept_after, taken_back
from levels.evaluation.walk_forward import OURS, PLACEBOS, Trials, Walk, joined, walk_forward
from levels.rates import Rate
from strandline.candle_file import read_candles

ADDED = (1, 20)
REPLAYED = 400
"""Candles of each series whose prefixes are replayed."""


@dataclass(frozen=True)
class Findings:
    """Everything that is printed, saved and drawn."""

    series: dict[str, tuple[int, int]]
    worth: dict[str, dict[str, Difference]]
    features: dict[str, Difference]
    separation: dict[str, Difference]
    rates: tuple[Rate, ...]
    calibration: tuple[float, float]
    kept: dict[str, dict[int, Kept]]
    repainted: tuple[int, int]


def read_directory(folder: Path) -> dict[str, Candles]:
    """Every `*.csv` of a folder, by name; the last candle of each is taken for unclosed and left out."""
    return {path.stem: read_candles(path, leave_out_last=True) for path in sorted(folder.glob("*.csv"))}


def run(
    series: Mapping[str, Candles],
    *,
    console: Console | None = None,
    out: Path | None = None,
    rates: Path | None = None,
    params: Params | None = None,
) -> Findings:
    """Evaluate the levels of some series and print the tables.

    out: folder for `evaluation.json` and `evaluation.png`; rates: where to write the measured hold rates, as the
    Python module that `levels` ships. A series of fewer than 4,000 candles is walked with half its length as window.
    """
    console = console or Console()
    params = params or Params()
    walked = {
        name: walk_forward(candles, params, Walk(window=_window(candles)))
        for name, candles in track(series.items(), "walking forward", console=console, total=len(series))
    }
    found = _findings(series, walked, params, console)
    print_findings(found, console)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "evaluation.json").write_bytes(
            orjson.dumps(asdict(found), option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2)
        )
        from strandline.evaluate.plot import draw_evaluation  # noqa: PLC0415 - matplotlib takes a second to load

        draw_evaluation(found, out / "evaluation.png")
    if rates is not None:
        rates.write_text(rates_module(found.rates, series))
    return found


def _window(candles: Candles) -> int:
    return min(2000, len(candles) // 2)


def _findings(
    series: Mapping[str, Candles], walked: Mapping[str, Trials], params: Params, console: Console
) -> Findings:
    everything = joined(list(walked.values()))
    kept = {
        name: {n: kept_after(candles, params, n, window=_window(candles)) for n in ADDED}
        for name, candles in track(series.items(), "adding candles", console=console, total=len(series))
    }
    replays = [
        taken_back(candles[-REPLAYED:], params)
        for candles in track(series.values(), "replaying prefixes", console=console, total=len(series))
    ]
    return Findings(
        series={name: (len(series[name]), _touches(trials)) for name, trials in walked.items()},
        worth={
            name: {
                placebo: compare(everything.sample(OURS, o), everything.sample(k, o))
                for k, placebo in enumerate(PLACEBOS)
            }
            for o, name in enumerate(NAMES)
        },
        features=by_feature(everything, RACE),
        separation={name: thirds(*out_of_sample(walked, o), o) for o, name in enumerate(NAMES)},
        rates=measure(everything),
        calibration=calibration_error(walked),
        kept=kept,
        repainted=(sum(told for told, _ in replays), sum(wrong for _, wrong in replays)),
    )


def _touches(trials: Trials) -> int:
    return trials[trials.kind == OURS].distinct()


def print_findings(found: Findings, console: Console) -> None:
    """The tables, one under another."""
    for one in (
        _series(found),
        worth_table(found.worth),
        _features(found),
        _separation(found),
        _rates(found),
    ):
        console.print(one)
    together, apart = found.calibration
    console.print(
        f"calibration: p_hold is off by {together * 100:.1f} points on markets it was not measured on, all "
        f"together; by {apart * 100:.1f} market by market, chance included"
    )
    told, wrong = found.repainted
    console.print(f"no repainting: of {told:,} decided visits told and told again, {wrong} changed")


def table_of(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table with its title at the left."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table


def _series(found: Findings) -> Table:
    total = {n: sum((kept[n] for kept in found.kept.values()), Kept(0, 0, 0)) for n in ADDED}
    rows = [[name, f"{n:,}", f"{t:,}", *_shares(found.kept[name])] for name, (n, t) in found.series.items()]
    sizes = found.series.values()
    rows.append(["all", f"{sum(n for n, _ in sizes):,}", f"{sum(t for _, t in sizes):,}", *_shares(total)])
    columns = ["series", "candles", "touches", "kept after 1", "after 20", "after 20, by match"]
    return table_of("series, and levels kept when candles are added (by id)", columns, rows)


def _shares(kept: Mapping[int, Kept]) -> list[str]:
    part: Callable[[int, int], str] = lambda some, of: share(some / of if of else nan)  # noqa: E731
    one, twenty = (kept[n] for n in ADDED)
    return [
        part(one.by_id, one.told),
        part(twenty.by_id, twenty.told),
        part(twenty.by_match, twenty.told),
    ]


def worth_table(worth: Mapping[str, Mapping[str, Difference]]) -> Table:
    """Hold rates by outcome and placebo."""
    rows = [
        [outcome, placebo, f"{d.n:,}", share(d.rate), share(d.other), points(d)]
        for outcome, by_placebo in worth.items()
        for placebo, d in by_placebo.items()
    ]
    columns = ["outcome", "placebo", "trials", "levels held", "placebo held", "difference, points"]
    return table_of("hold rates against placebos at equal distances", columns, rows)


def _features(found: Findings) -> Table:
    rows = [
        [name, f"{d.rate * 100:+.1f}", f"{d.other * 100:+.1f}", points(d)]
        for name, d in found.features.items()
    ]
    columns = ["feature", "top third", "bottom third", "gap, points"]
    return table_of("what tells levels that hold from others? (race, less the placebo)", columns, rows)


def _separation(found: Findings) -> Table:
    rows = [
        [name, f"{d.rate * 100:+.1f}", f"{d.other * 100:+.1f}", points(d)]
        for name, d in found.separation.items()
    ]
    columns = ["outcome", "top third", "bottom third", "gap, points"]
    return table_of(
        "all features together, foretold for markets not fitted to (less the placebo)", columns, rows
    )


def _rates(found: Findings) -> Table:
    rows = [
        [f"{r.near:g} to {r.far:g}", f"{r.p_hold:.1%}", f"{r.placebo:.1%}", f"{r.n:,}"] for r in found.rates
    ]
    return table_of("p_hold by distance (race)", ["ATR away", "p_hold", "placebo", "touches"], rows)


def share(rate: float) -> str:
    """A rate in percent; a dash where there is none."""
    return "-" if isnan(rate) else f"{rate:.1%}"


def points(d: Difference) -> str:
    """A difference in percentage points, with its 95 % interval; a dash where nothing can be said."""
    if isnan(d.difference):
        return "-"
    return f"{d.difference * 100:+.1f} [{d.low * 100:+.1f}, {d.high * 100:+.1f}]"


def rates_module(rates: Iterable[Rate], series: Mapping[str, Candles]) -> str:
    """The Python module that ships measured hold rates, saying what they were measured on."""
    names = ", ".join(f"{name} ({len(candles):,})" for name, candles in sorted(series.items()))
    lines = "".join(f"    {_call(rate)},\n" for rate in rates)
    return (
        '"""Measured hold rates. Made by `strandline evaluate DIR --rates levels/hold_rates.py`, not by hand.\n\n'
        f"Measured on (closed candles): {names}.\n"
        '"""\n\n# ruff: noqa: E501\n\nfrom levels.rates import Rate\n\n'
        f"RATES: tuple[Rate, ...] = (\n{lines})\n"
    )


def _call(rate: Rate) -> str:
    far = 'float("inf")' if rate.far == float("inf") else repr(rate.far)
    return f"Rate({rate.near!r}, {far}, p_hold={rate.p_hold!r}, placebo={rate.placebo!r}, n={rate.n})"
