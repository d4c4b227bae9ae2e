"""Names that are nearly those of fields, among names that are merely many or long."""

from difflib import SequenceMatcher

import pytest

from schemas import field_names
from schemas.field_names import check_field_names

FIELDS = ("symbol", "timeframe", "limit")


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that are compared in full, which takes time in proportion to their length."""
    compared: list[str] = []

    class Matcher(SequenceMatcher[str]):
        def __init__(self, isjunk: None, a: str, b: str) -> None:
            super().__init__(isjunk, a, b)
            self.name = a

        def ratio(self) -> float:
            compared.append(self.name)
            return super().ratio()

    monkeypatch.setattr(field_names, "SequenceMatcher", Matcher)
    return compared


def test_field_names_are_not_compared_with_thousands_of_unknown_ones(comparisons: list[str]) -> None:
    check_field_names({f"key{number:03}": 1 for number in range(60_000)}, FIELDS)
    assert len(comparisons) <= 100 * len(FIELDS)


def test_field_names_are_not_compared_with_long_ones(comparisons: list[str]) -> None:
    check_field_names({"symbol" * 100_000: 1}, FIELDS)
    assert comparisons == []


def test_field_name_in_another_spelling_is_found_among_thousands() -> None:
    sent = {str(number): 1 for number in range(1_000)} | {"Time-Frame": "1h"}
    with pytest.raises(ValueError, match="write 'timeframe'"):
        check_field_names(sent, FIELDS)


def test_field_name_with_a_typing_error_is_found(comparisons: list[str]) -> None:
    with pytest.raises(ValueError, match="write 'timeframe'"):
        check_field_names({"timefrane": "1h"}, FIELDS)
    assert "timefrane" in comparisons
