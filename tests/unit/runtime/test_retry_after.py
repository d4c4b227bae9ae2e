"""The Retry-After header in both of its forms."""

import pytest

from runtime.retry_after import parse_retry_after


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("0.5", None, 0.5),
        ("-3", None, 0.0),
        ("99999999", None, 300.0),
        ("nan", None, None),
        ("soon", None, None),
        (None, None, None),
        ("Mon, 05 Jan 2026 12:00:30 GMT", "Mon, 05 Jan 2026 12:00:00 GMT", 30.0),
        ("Mon, 05 Jan 2026 12:00:30 -0000", "Mon, 05 Jan 2026 12:00:00 GMT", 30.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", "Mon, 05 Jan 2026 12:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 12:00:30 GMT", "no date", 0.0),
    ],
)
def test_retry_after_is_parsed(value: str | None, date: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, date, maximum=300.0) == seconds
