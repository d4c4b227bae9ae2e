"""Rewrite the block of a Python module that holds measured figures: from `# measured: begin` to `# measured: end`."""

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from levels import Candles
from levels.hold_rates import HoldRate
from levels.reach import ReachTable
from runtime.errors import ConfigurationError

BEGIN, END = "# measured: begin\n", "# measured: end\n"


def replace_measured_block(path: Path, block: str) -> None:
    """Replace the block of the module at `path`. Raises ConfigurationError where it has none."""
    text = path.read_text() if path.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigurationError(
            f"{path} has no block from `{BEGIN.strip()}` to `{END.strip()}`: "
            "name levels/hold_rates.py or levels/reach.py of a checkout"
        )
    path.write_text(before + begin + block + end + after)


def format_hold_rates(rates: Iterable[HoldRate], series: Mapping[str, Candles]) -> str:
    """Format the table of hold rates, with the series that it was measured on."""
    lines = "".join(f"    {_call(rate)},\n" for rate in rates)
    return f"HOLD_RATES: tuple[HoldRate, ...] = (\n{lines})\n" + format_sources(series)


def format_reach_knots(near: ReachTable, far: ReachTable, series: Mapping[str, Candles]) -> str:
    """Format the knots of both reach tables, with the series that they were measured on."""
    rows = zip(near.p[1:], near.z[1:], far.z[1:], strict=True)
    lines = "".join(f"    ({share!r}, {one!r}, {other!r}),\n" for share, one, other in rows)
    return (
        "# share of excursions, and the z that they exceed within 24 and within 100 candles\n"
        f"KNOTS: tuple[tuple[float, float, float], ...] = (\n{lines})\n" + format_sources(series)
    )


def format_sources(series: Mapping[str, Candles]) -> str:
    """Format the names and lengths of the series as a docstring."""
    names = ", ".join(f"{name} ({len(candles):,})" for name, candles in sorted(series.items()))
    return '"""Measured on (closed candles):\n' + "\n".join(textwrap.wrap(names + ".", 100)) + '\n"""\n'


def _call(rate: HoldRate) -> str:
    far = 'float("inf")' if rate.far == float("inf") else repr(rate.far)
    return f"HoldRate({rate.near!r}, {far}, p_hold={rate.p_hold!r}, n={rate.n})"
