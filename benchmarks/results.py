"""The results of the sections, kept as JSON between runs: a run of one section keeps the others' figures."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

DOCS = Path(__file__).parents[1] / "docs"
STORE = DOCS / "performance.json"


@dataclass(frozen=True)
class SectionResult:
    """The figures of one section with their circumstances; `problem` is why there are none."""

    measured_at: str
    commit: str
    machine: str
    figures: tuple[Figure, ...] = ()
    problem: str = ""


def load_results(path: Path) -> dict[str, SectionResult]:
    """Return results by section; empty where there is no file."""
    if not path.exists():
        return {}
    return {name: _from_json(fields) for name, fields in json.loads(path.read_text()).items()}


def save_results(path: Path, results: Mapping[str, SectionResult]) -> None:
    path.write_text(json.dumps({name: asdict(result) for name, result in results.items()}, indent=1) + "\n")


def _from_json(fields: dict[str, Any]) -> SectionResult:
    return SectionResult(**(fields | {"figures": tuple(Figure(**figure) for figure in fields["figures"])}))
