"""The performance page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import Figure
from benchmarks.report import format_number, render_page
from benchmarks.results import SectionResult, load_results, save_results
from benchmarks.sections import SECTIONS, Section, select_sections

SECTION = Section("one", "One", "About it.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (0.01234, "0.0123"),
        (1.5, "1.50"),
        (99.96, "100.0"),
        (123.4, "123"),
        (45678, "45,700"),
    ],
)
def test_format_number_keeps_three_digits(value: float | None, text: str) -> None:
    assert format_number(value) == text


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_format_number_is_within_half_a_percent(value: float) -> None:
    assert float(format_number(value).replace(",", "")) == pytest.approx(value, rel=0.005)


def test_render_page_shows_figures_with_their_spread_and_notes() -> None:
    figure = Figure("a", "1/s", 50, 100, 0.5, 0.4, 0.6, note="why")
    page = render_page([SECTION], {"one": SectionResult("2026-11-28", "abc", "2 cores", (figure,))})
    assert "| a | 1/s | 50.0 | 100 | 0.500 (0.400 to 0.600) |  |  |  |" in page
    assert "* a: why" in page
    assert "`make bench ONLY=one`, 2026-11-28, commit abc; 2 cores." in page


def test_render_page_states_why_a_section_has_no_figures() -> None:
    page = render_page([SECTION], {"one": SectionResult("2026-11-28", "abc", "2 cores", problem="no Docker")})
    assert "**Not measured:** no Docker" in page


def test_render_page_omits_sections_that_were_never_run() -> None:
    assert "## One" not in render_page([SECTION], {})


def test_results_survive_the_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bench") / "store.json"
    results = {"one": SectionResult("2026-11-28", "abc", "2 cores", (Figure("a", "1/s", 1.0),))}
    assert load_results(path) == {}
    save_results(path, results)
    assert load_results(path) == results


def test_sections_have_names_of_their_own() -> None:
    names = [section.name for section in SECTIONS]
    assert len(names) == len(set(names))


def test_select_sections_refuses_unknown_names() -> None:
    assert select_sections("") == SECTIONS
    assert [section.name for section in select_sections("watches, levels")] == ["watches", "levels"]
    with pytest.raises(ValueError, match="no section nope"):
        select_sections("nope")
