"""How fast the core is, as ratios to others in the same process: `python -m benchmarks.levels`, or `make bench-levels`.

Everything compared takes turns, so that a slow moment of the machine falls on all; the smallest and the median
time of each stand in the table. Ratios are to the eight `scipy.signal.argrelextrema` calls (highs and lows,
four orders) that a plain implementation begins with. Goals: the full analysis of 2,000 candles <= 1, pivots
alone <= 0.25. Exit code 1 when the full analysis takes more than twice the eight calls.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import scipy
from rich.console import Console
from rich.table import Table
from scipy.signal import argrelextrema

from benchmarks.figures import Figure, Round, compare_rates, time_round
from levels import Candles, Params, analyze
from levels.evidence import relative_atr
from levels.pivots import find_pivots
from tests.support import naive

TRENDLN = ("trendln==0.1.18", "findiff==0.16.0", "sympy==1.14.0", "mpmath==1.3.0")
ORDERS = (5, 10, 20, 30)
Work = Callable[[], object]
BASELINE = "eight argrelextrema calls"
CHECKED = "full analysis, candles checked too"


def make_candles(n: int, seed: int = 7) -> Candles:
    """Make n hourly candles of a random walk: the cost hardly depends on their values."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, n)))
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(open_, close) * (1 + rng.random(n) * 0.004)
    low = np.minimum(open_, close) * (1 - rng.random(n) * 0.004)
    return Candles(np.arange(n) * 3_600_000, open_, high, low, close, rng.random(n))


def eight_calls(series: Candles) -> None:
    for order in ORDERS:
        argrelextrema(series.high, np.greater, order=order)
        argrelextrema(series.low, np.less, order=order)


def time_works(works: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Seconds per call of each work, `rounds` times, in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def run_oracle(series: Candles) -> None:
    """Pivots, zones and visits by the plain oracle of the tests: what the words cost, bar by bar."""
    params, atr = Params(), relative_atr(series, 14).tolist()
    found = naive.pivots(series.high.tolist(), series.low.tolist(), ORDERS, plateaus=True)
    bars = list(zip(series.high.tolist(), series.low.tolist(), series.close.tolist(), strict=True))
    reach = (1 + params.tolerance) ** 0.5
    for anchor in naive.anchors(
        found,
        [params.tolerance] * len(found),
        ORDERS,
        order=params.anchor_order,
        apart=params.separation_atr * median(atr),
        minor_apart=params.minor_separation_atr * median(atr),
    ):
        naive.visits(bars, anchor, (anchor.price / reach, anchor.price * reach), atr, params.leave_atr)


def install_trendln(series: Candles) -> Work | None:
    """trendln's horizontal levels, from a throwaway folder: no dependency of ours. None where it cannot be had."""
    folder = Path(tempfile.gettempdir()) / "strandline-bench-trendln"
    if not (folder / "trendln").is_dir():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(folder),
            *TRENDLN,
        ]
        if subprocess.run(pip, check=False, capture_output=True).returncode:
            return None
    sys.path.append(str(folder))
    try:
        import trendln as other  # noqa: PLC0415 - installed a moment ago
    except ImportError:
        return None
    return lambda: other.get_horizontal_levels((series.low, series.high), pctbound=0.005)


def print_table(console: Console, title: str, seconds: dict[str, list[float]]) -> dict[str, float]:
    """Print the table; returns the ratio of the smallest times to that of the eight calls."""
    base = min(seconds[BASELINE])
    table = Table("what", "smallest ms", "median ms", "ratio", title=title, title_justify="left")
    for name, own in seconds.items():
        low, middle = min(own) * 1e3, median(own) * 1e3
        table.add_row(name, f"{low:.3f}", f"{middle:.3f}", f"{min(own) / base:.2f}")
    console.print(table)
    return {name: min(seconds) / base for name, seconds in seconds.items()}


def works_on(series: Candles) -> dict[str, Work]:
    """Return the works that are compared on one series, by name."""
    return {
        BASELINE: lambda: eight_calls(series),
        "pivots alone": lambda: find_pivots(series.high, series.low, ORDERS, plateaus=True),
        "full analysis": lambda: analyze(series),
        CHECKED: lambda: analyze(
            Candles(series.time, series.open, series.high, series.low, series.close, series.volume)
        ),
    }


def run_rounds(works: dict[str, Work], calls: int, rounds: int = 5) -> dict[str, list[Round]]:
    """Run `calls` calls of each work in a round, in turns, after one that only warms up."""
    timed: dict[str, list[Round]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            with time_round(calls) as one:
                for _ in range(calls):
                    work()
            if number:
                timed[name].append(one)
    return timed


def measure() -> list[Figure]:
    """Return calls per second of the analysis and of other methods, beside the eight calls on the same candles."""
    figures = []
    for n, calls in ((2_000, 60), (10_000, 12), (100_000, 2)):
        series = make_candles(n)
        works = works_on(series)
        if n > 2_000:
            del works[CHECKED]
        elif other := install_trendln(series):
            works["trendln get_horizontal_levels"] = other
        timed = run_rounds(works, calls)
        baseline = timed.pop(BASELINE)
        figures += [
            compare_rates(f"{name}, {n:,} candles", "calls/s", ours, baseline) for name, ours in timed.items()
        ]
    return figures


def main() -> int:
    """Print every ratio; 1 when the full analysis takes more than twice the eight calls."""
    console = Console()
    core = os.environ.get("OPENBLAS_CORETYPE")
    console.print(
        f"Python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}, {os.cpu_count()} cores"
    )
    if core:
        console.print(f"OPENBLAS_CORETYPE={core} is set; nothing here uses BLAS, unset it to be sure")
    series = make_candles(2000)
    works = works_on(series)
    other = install_trendln(series)
    if other:
        works["trendln get_horizontal_levels"] = other
    else:
        console.print("trendln cannot be installed here: left out")
    ratios = print_table(
        console,
        "2,000 candles",
        time_works(works, 200) | time_works({"naive oracle": lambda: run_oracle(series)}, 3),
    )
    for n, rounds in ((10_000, 20), (100_000, 5)):
        print_table(console, f"{n:,} candles", time_works(works_on(make_candles(n)), rounds))
    full, alone = ratios["full analysis"], ratios["pivots alone"]
    console.print(f"full analysis: {full:.2f} of the eight calls (goal 1)   pivots: {alone:.2f} (goal 0.25)")
    return int(full > 2)


if __name__ == "__main__":
    sys.exit(main())
