"""docs/metrics.md, written from what `metrics` declares.

python -m runtime.metric_table [--check]
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from runtime.metrics import DECLARED, Declared
from schemas.contracts.generate import run_generator

_FOLDER = Path(__file__).parent.parent / "docs"
_HEAD = """\
# Metrics

Every role serves them at `/metrics` on `STRANDLINE_OPS_PORT`; see [operations.md](operations.md#health-and-metrics).
This page is written from `runtime/metrics.py` (`make contracts`). A histogram has `_bucket`, `_sum` and `_count`.

| metric | type | labels | meaning | role |
|---|---|---|---|---|
"""


def table(declared: Iterable[Declared]) -> str:
    """A row for each, in the order of their declaration."""
    return _HEAD + "".join(f"{_row(one)}\n" for one in declared)


def _row(one: Declared) -> str:
    labels = "; ".join(f"`{name}`: {meaning}" for name, meaning in one.labels.items())
    return f"| `{one.name}` | {one.type} | {labels} | {one.meaning} | {one.by} |"


if __name__ == "__main__":
    sys.exit(run_generator({"metrics.md": table(DECLARED)}, folder=_FOLDER))
