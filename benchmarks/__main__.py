"""Measure all sections, or those of `--only NAME,...`, and write docs/performance.md: `make bench`.

Each runs in a process of its own: one that fails stands in the table as failed, and does not stop the rest. Results are
written after each section, into docs/performance.json as well, from which a later run takes those it does not repeat.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.highlights import write_highlights
from benchmarks.machine import describe_machine, read_commit
from benchmarks.plot import draw_ratios
from benchmarks.report import render_page
from benchmarks.results import DOCS, STORE, SectionResult, load_results, save_results
from benchmarks.sections import SECTIONS, Section, select_sections

PAGE, PICTURE = DOCS / "performance.md", DOCS / "images" / "performance.svg"


def run_section(section: Section) -> SectionResult:
    """Run a section in a process of its own, until its timeout."""
    circumstances = (f"{datetime.now(UTC):%Y-%m-%d}", read_commit(), describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.run_section", section.module, str(out)]
        if problem := _run_until(command, section.timeout):
            return SectionResult(*circumstances, problem=problem)
        found = json.loads(out.read_text())
    return SectionResult(
        *circumstances,
        figures=tuple(Figure(**figure) for figure in found["figures"]),
        problem=found["problem"],
    )


def _run_until(command: list[str], timeout: float) -> str:
    """Run `command`; return why it has no result, if so. Stopped after `timeout`, it ends what it started."""
    with subprocess.Popen(command) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            return f"the section did not end within {timeout:g} s"
        except BaseException:  # Ctrl-C too: the section must not outlive this process
            process.terminate()
            raise
    return f"the section's process ended with {code}" if code else ""


def write_documents(results: dict[str, SectionResult]) -> None:
    """Write the store, the page, the tables of the READMEs and the picture."""
    save_results(STORE, results)
    PAGE.write_text(render_page(SECTIONS, results))
    write_highlights(results)
    draw_ratios(
        [
            figure
            for section in SECTIONS
            if section.name in results
            for figure in results[section.name].figures
        ],
        PICTURE,
    )


def main() -> int:
    """Return 1 when a section failed."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", help="sections, separated by commas")
    parser.add_argument(
        "--render", action="store_true", help="measure nothing: write the page from its store"
    )
    arguments = parser.parse_args()
    console, results = Console(stderr=True), load_results(STORE)
    chosen = () if arguments.render else select_sections(arguments.only)
    for number, section in enumerate(chosen, start=1):
        console.rule(f"{number} of {len(chosen)}: {section.title}")
        began = time.monotonic()
        results[section.name] = run_section(section)
        write_documents(results)
        state = results[section.name].problem or f"{len(results[section.name].figures)} figures"
        console.print(f"{section.name}: {state}, {time.monotonic() - began:.0f} s")
    write_documents(results)
    return int(any(results[section.name].problem for section in chosen))


if __name__ == "__main__":
    sys.exit(main())
