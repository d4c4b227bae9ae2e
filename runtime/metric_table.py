"""Generates docs/metrics.md from the declarations in `metrics`.

python -m runtime.metric_table [--check]
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from runtime.metrics import DECLARED, MetricDeclaration
from schemas.contracts.generate import run_generator

_FOLDER = Path(__file__).parent.parent / "docs"
_HEAD = """\
# Metrics

Every role serves these at `/metrics` on `STRANDLINE_OPS_PORT`; see [operations.md](operations.md#health-and-metrics).
This page is generated from `runtime/metrics.py` (`make contracts`). A histogram has `_bucket`, `_sum` and `_count`.

| metric | type | labels | meaning | role |
|---|---|---|---|---|
"""


def render_table(declared: Iterable[MetricDeclaration]) -> str:
    """Return the page, with one row per metric in the order of declaration."""
    return _HEAD + "".join(f"{_render_row(one)}\n" for one in declared)


def _render_row(one: MetricDeclaration) -> str:
    labels = "; ".join(f"`{name}`: {meaning}" for name, meaning in one.labels.items())
    return f"| `{one.name}` | {one.type} | {labels} | {one.meaning} | {one.by} |"


if __name__ == "__main__":
    sys.exit(run_generator({"metrics.md": render_table(DECLARED)}, folder=_FOLDER))
