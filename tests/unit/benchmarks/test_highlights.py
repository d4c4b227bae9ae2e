"""The performance tables of the READMEs."""

from pathlib import Path

import pytest

from benchmarks.figures import Figure
from benchmarks.highlights import BEGIN, END, HIGHLIGHTS, render_highlights, replace_block
from benchmarks.results import STORE, SectionResult, load_results
from benchmarks.sections import SECTIONS

RESULTS = {
    "watches": SectionResult("2026-11-28", "abc", "2 cores", (Figure("100,000 watches", "1/s", 8, 2, 4.0),))
}
ROOT = Path(__file__).parents[3]


def test_render_highlights_shows_measured_figures_only() -> None:
    english, chinese = (render_highlights(RESULTS, language) for language in (0, 1))
    assert (
        "evaluated against 100,000 watches | 8.00 | 2.00 (every watch of the symbol evaluated) | 4.00 |"
        in english
    )
    assert "make bench ONLY=watches" in chinese
    assert "ONLY=startup" not in english


def test_highlights_name_sections_that_exist() -> None:
    assert {one.section for one in HIGHLIGHTS} <= {section.name for section in SECTIONS}


@pytest.mark.parametrize(("language", "name"), [(0, "README.md"), (1, "README.zh-CN.md")])
def test_readme_shows_what_the_page_shows(language: int, name: str) -> None:
    text = (ROOT / name).read_text()
    assert replace_block(text, render_highlights(load_results(STORE), language)) == text


def test_replace_block_needs_its_markers() -> None:
    assert replace_block(f"a {BEGIN} b {END} c", "t") == f"a {BEGIN}\nt\n{END} c"
    with pytest.raises(ValueError, match="missing"):
        replace_block("a", "t")
