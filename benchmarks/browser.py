"""Measure the pages in Chromium: `python -m benchmarks.browser`, after `make ui`."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, SectionUnavailableError

WEB = Path(__file__).parents[1] / "web"
_CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_TIMEOUT = 1_500.0


def measure() -> list[Figure]:
    """Return what `web/bench/measure.mjs` reports. Raises SectionUnavailableError."""
    _require_browser()
    done = subprocess.run(
        ("node", "bench/measure.mjs"), cwd=WEB, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"web/bench/measure.mjs ended with {done.returncode}: {done.stderr[-2_000:]}")
    return [_to_figure(json.loads(line)) for line in done.stdout.splitlines()]


def _require_browser() -> None:
    if not (WEB / "node_modules").is_dir() or not shutil.which("node"):
        raise SectionUnavailableError("needs Node and web/node_modules: make ui")
    if not Path(_CHROMIUM).exists():
        raise SectionUnavailableError(f"needs Chromium: no {_CHROMIUM} (CHROMIUM=path)")
    if not (WEB.parent / "api/static/index.html").exists():
        raise SectionUnavailableError("the pages are not built: make ui (needs Node)")


def _to_figure(line: dict[str, Any]) -> Figure:
    name, unit, value = line["name"], line["unit"], line["value"]
    return Figure(
        name, unit, value, spread_low=line.get("low"), spread_high=line.get("high"), note=line["note"]
    )


if __name__ == "__main__":
    for figure in measure():
        print(figure)
