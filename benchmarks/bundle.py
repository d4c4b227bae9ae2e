"""Measure what a browser loads: `python -m benchmarks.bundle`, after `make ui`."""

from pathlib import Path

from benchmarks.figures import Figure, SectionUnavailableError

STATIC = Path(__file__).parents[1] / "api" / "static"
_KINDS = {".js": "scripts", ".css": "styles"}


def measure() -> list[Figure]:
    """Return the kB of all scripts and styles, as served with Brotli, and plain. Raises SectionUnavailableError."""
    files = [file for file in STATIC.rglob("*") if file.suffix in _KINDS]
    if not files:
        raise SectionUnavailableError("the pages are not built: make ui (needs Node)")
    return [_measure_kind(kind, [file for file in files if file.suffix == kind]) for kind in _KINDS]


def _measure_kind(kind: str, files: list[Path]) -> Figure:
    plain = sum(file.stat().st_size for file in files) / 1_000
    served = [_find_served(file).stat().st_size / 1_000 for file in files]
    note = f"{len(files)} files, the largest {max(served):.0f} kB; baseline: uncompressed"
    return Figure(f"{_KINDS[kind]} of all pages", "kB", sum(served), plain, note=note)


def _find_served(file: Path) -> Path:
    """Return the compressed file beside it; small ones have none."""
    packed = file.with_name(file.name + ".br")
    return packed if packed.exists() else file


if __name__ == "__main__":
    for figure in measure():
        print(figure)
