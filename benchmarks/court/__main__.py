"""Methods for levels beside one another: `python -m benchmarks.court FOLDER`, or `make court`.

Every method is called at the same random moments of the candle files in FOLDER (or STRANDLINE_TEST_DATA; without either
on synthetic series), each in a process of its own with a deadline. Prints a table with 95 % intervals, and draws it
into evaluation/court.png. Methods that installed packages offer (`strandline.methods`) take part.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.court.measure import Share, Verdict, try_method
from consumers.analyzer.methods.process import MethodProcess
from consumers.analyzer.methods.registry import list_methods
from levels.evaluation.walk_forward import WalkSettings
from strandline.evaluate.sources import make_synthetic_series, read_directory
from strandline.evaluate.tables import format_points

METHODS = {
    "strandline": "ours",
    "plain reference": "reference",
    "classic pivots": "classic_pivots",
    "previous day, week": "previous_extremes",
    "volume nodes": "volume_nodes",
    "round numbers": "round_numbers",
    "swing highs, lows": "swing_extremes",
    "moving averages": "moving_averages",
    "trendln": "trendln_levels",
    "smart-money-concepts": "smart_money",
}
PEERS = {
    "trendln": ("trendln==0.1.18", "findiff==0.16.0", "sympy==1.14.0", "mpmath==1.3.0"),
    "smart-money-concepts": ("smartmoneyconcepts==0.0.27", "pandas>=2.2", "numba>=0.60", "llvmlite>=0.43"),
}
FOLDER = Path(tempfile.gettempdir()) / "strandline-court-peers"
MOMENTS = 40


def install_peers(console: Console) -> set[str]:
    """Install the packages into a throwaway folder on the path; return the names that cannot be had."""
    missing = set()
    for name, packages in PEERS.items():
        target = FOLDER / name
        if not target.is_dir():
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), *packages]
            if subprocess.run(command, check=False, capture_output=True).returncode:
                console.print(f"{name} cannot be installed here: left out")
                missing.add(name)
        sys.path.append(str(target))
    return missing


def main() -> int:
    """Print the table; 1 when ours failed at a moment."""
    console = Console()
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("STRANDLINE_TEST_DATA")
    series = read_directory(Path(folder)) if folder else make_synthetic_series("synthetic-walk")
    moments = int(os.environ.get("MOMENTS", MOMENTS))
    missing = install_peers(console)
    verdicts = {}
    targets = {name: f"benchmarks.court.methods:{function}" for name, function in METHODS.items()}
    targets |= {f"plugin:{name}": target for name, target in list_methods().items()}
    for name, target in track(targets.items(), "measuring", console=console, total=len(targets)):
        if name in missing:
            continue
        process = MethodProcess(target, timeout=20.0)
        try:
            verdicts[name] = try_method(name, process, series, WalkSettings(), moments)
        finally:
            process.close()
    print_table(console, verdicts)
    draw(verdicts, Path("evaluation") / "court.png")
    return int(verdicts["strandline"].failed > 0)


def print_table(console: Console, verdicts: dict[str, Verdict]) -> None:
    table = Table(
        *("method", "levels", "held less placebo, points", "touched in 100 (p_reach)", "none within 3 ATR"),
        *("kept after 1", "after 20", "withdrawn", "ms", "failed"),
    )
    for name, v in verdicts.items():
        table.add_row(
            name,
            f"{v.levels:.1f}",
            format_points(v.held),
            f"{format_interval(v.touched)} ({v.reach:.0%})",
            format_interval(v.far),
            format_interval(v.kept_1),
            format_interval(v.kept_20),
            format_interval(v.withdrawn),
            f"{v.milliseconds:.1f}",
            str(v.failed),
        )
    console.print(table)


def format_interval(share: Share) -> str:
    """Format a share and its interval in percent."""
    return f"{share.value * 100:.0f} [{share.low * 100:.0f}, {share.high * 100:.0f}]"


def draw(verdicts: dict[str, Verdict], path: Path) -> None:
    """Draw four measures with their intervals."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes a second to load

    figure = Figure(figsize=(15, 5), dpi=100, layout="constrained")
    names = list(verdicts)
    panels = {
        "held less placebo, points": [
            (v.held.difference, v.held.low, v.held.high) for v in verdicts.values()
        ],
        "touched within 100, %": [
            (v.touched.value, v.touched.low, v.touched.high) for v in verdicts.values()
        ],
        "sides with none within 3 ATR, %": [(v.far.value, v.far.low, v.far.high) for v in verdicts.values()],
        "kept after 20 candles, %": [
            (v.kept_20.value, v.kept_20.low, v.kept_20.high) for v in verdicts.values()
        ],
    }
    for axes, (title, rows) in zip(figure.subplots(1, 4, sharey=True), panels.items(), strict=True):
        for row, (value, low, high) in enumerate(rows):
            axes.plot([low * 100, high * 100], [-row, -row], color="#333333", linewidth=1.5)
            axes.plot(value * 100, -row, "o", color="#1a7f5a" if names[row] == "strandline" else "#333333")
        axes.set_yticks([-row for row in range(len(names))], names)
        axes.set_title(title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


if __name__ == "__main__":
    sys.exit(main())
