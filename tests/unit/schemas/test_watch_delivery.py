"""Templates of messages, and mute hours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.watches import (
    PLACEHOLDERS,
    MuteHours,
    WatchDelivery,
    find_template_error,
    render_template,
)

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}
MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
minutes = st.integers(0, 1_439)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(
    st.lists(
        st.one_of(st.sampled_from(PLACEHOLDERS), st.text("ab {}\n", max_size=5).map(lambda text: (text,)))
    )
)
def test_template_renders_text_as_written_and_placeholders_by_value(pieces: list[str | tuple[str]]) -> None:
    template = "".join(
        piece[0].replace("{", "{{").replace("}", "}}") if isinstance(piece, tuple) else f"{{{piece}}}"
        for piece in pieces
    )
    expected = "".join(piece[0] if isinstance(piece, tuple) else VALUES[piece] for piece in pieces)
    assert find_template_error(template) is None
    assert render_template(template, VALUES) == expected


@given(st.text("{}!:.[]0apricefmt_ "))
def test_template_without_an_error_always_renders(template: str) -> None:
    if find_template_error(template) is None:
        render_template(template, VALUES)


@given(st.text("{}x", max_size=8))
def test_template_value_with_braces_stays_as_it_is(note: str) -> None:
    assert render_template("{note}", VALUES | {"note": note}) == note


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("{prise}", "{prise} is no placeholder: use {symbol}, "),
        ("{}", "{} is no placeholder"),
        ("{0}", "{0} is no placeholder"),
        ("{price.__class__}", "is no placeholder"),
        ("{note[0]}", "is no placeholder"),
        ("{price:>9999999}", "{price} takes no format"),
        ("{price!r}", "{price} takes no format"),
        ("{price", "not paired"),
        ("100 }", "not paired"),
    ],
)
def test_template_error_names_what_is_wrong(template: str, part: str) -> None:
    assert part in (find_template_error(template) or "")


@given(minutes, minutes, minutes)
def test_mute_hours_contain_the_minutes_from_start_to_end(start: int, end: int, now: int) -> None:
    if start == end:
        return
    hours = MuteHours(start=clock(start), end=clock(end), zone="UTC")
    muted = {minute % 1_440 for minute in range(start, end if start < end else end + 1_440)}
    assert hours.contains(MIDNIGHT + timedelta(minutes=now)) == (now in muted)


@pytest.mark.parametrize(
    ("at", "muted"),
    [
        ("2026-07-01T20:30:00Z", True),  # 22:30 in summer
        ("2026-12-01T20:30:00Z", False),  # 21:30 in winter
        ("2026-12-01T21:30:00Z", True),
    ],
)
def test_mute_hours_follow_the_clock_of_their_zone(at: str, muted: bool) -> None:
    hours = MuteHours(start="22:00", end="07:00", zone="Europe/Berlin")
    assert hours.contains(datetime.fromisoformat(at)) is muted


@pytest.mark.parametrize("zone", ["Nowhere/City", "../../etc/passwd", "", "/UTC"])
def test_mute_hours_of_an_unknown_zone_mute_nothing(zone: str) -> None:
    assert not MuteHours(start="00:00", end="23:59", zone=zone).contains(MIDNIGHT)


def test_delivery_without_mute_hours_is_never_muted() -> None:
    assert not WatchDelivery().is_muted(MIDNIGHT)
