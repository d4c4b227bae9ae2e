"""Results of the sections as the page docs/performance.md. Pure."""

from collections.abc import Iterable, Mapping
from math import floor, log10

from benchmarks.figures import Figure
from benchmarks.results import SectionResult
from benchmarks.sections import Section

_INTRODUCTION = """\
# Performance

<!-- Written by `make bench`; do not edit. -->

Every figure stands beside a baseline that was measured in the same run: the least that the same work can cost, or the
plain way to do it. Rounds of both take turns, so that a slow moment of the machine falls on both; the figure is the
median of the rounds, and the spread the smallest and the largest ratio of a pair of rounds. The columns *per CPU
second* divide by the processor time of the measured process instead of the clock; the processor time of Kafka, MySQL
and Redis is not in them. A ratio above 1 means better than the baseline.

```
make bench                 # all sections, a container of its own for each service
make bench ONLY=levels     # one section, or several by commas; the other rows are kept, each with its date and commit
```

![Every ratio of this page, on a logarithmic axis](images/performance.svg)
"""

_HEAD = (
    "| figure | unit | value | baseline | ratio (spread) | per CPU second | baseline | ratio |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|"
)


def format_number(value: float | None) -> str:
    """Format with three significant digits, and separators between thousands; empty for none."""
    if value is None:
        return ""
    if not value:
        return "0"
    digits = max(0, 2 - floor(log10(abs(value))))
    return f"{round(value, 2 - floor(log10(abs(value)))):,.{digits}f}"


def render_page(sections: Iterable[Section], results: Mapping[str, SectionResult]) -> str:
    """Return the whole page; a section that was never run is omitted."""
    parts = [
        _render_section(section, results[section.name]) for section in sections if section.name in results
    ]
    return "\n".join((_INTRODUCTION, *parts))


def _render_section(section: Section, result: SectionResult) -> str:
    # The date, commit and machine are under each table: a section may have been run on its own.
    lines = [f"## {section.title}", "", section.about, ""]
    if result.problem:
        lines += [f"**Not measured:** {result.problem}", ""]
    else:
        lines += [_HEAD, *(_render_row(figure) for figure in result.figures), ""]
    notes = [f"* {figure.name}: {figure.note}" for figure in result.figures if figure.note]
    if notes:
        lines += [*notes, ""]
    lines += [
        f"`make bench ONLY={section.name}`, {result.measured_at}, commit {result.commit}; {result.machine}.",
        "",
    ]
    return "\n".join(lines)


def _render_row(figure: Figure) -> str:
    cells = (
        figure.name,
        figure.unit,
        format_number(figure.value),
        format_number(figure.baseline),
        _format_ratio(figure),
        format_number(figure.per_cpu_value),
        format_number(figure.per_cpu_baseline),
        format_number(figure.per_cpu_ratio),
    )
    return f"| {' | '.join(cells)} |"


def _format_ratio(figure: Figure) -> str:
    spread = f"({format_number(figure.spread_low)} to {format_number(figure.spread_high)})"
    spread = "" if figure.spread_low is None else spread
    return " ".join(part for part in (format_number(figure.ratio), spread) if part)
