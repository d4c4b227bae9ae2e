"""A dead letter is the record as it came, and a note."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from broker.dead_letters.message import build_candidates, build_dead_letter, drop_value
from broker.ports import Record

AT = datetime(2026, 11, 22, 13, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
RECORD = Record("requests", 3, 42, None, b"\xff\xfe", (("a", b"1"), ("a", b"2")), 0)


def test_dead_letter_keeps_key_value_and_headers_and_adds_five() -> None:
    letter = build_dead_letter(RECORD, "no JSON", AT)
    assert (letter.topic, letter.key, letter.value) == ("strandline.dead-letters.v1", None, b"\xff\xfe")
    assert letter.headers == (
        ("a", b"1"),
        ("a", b"2"),
        ("strandline_dl_topic", b"requests"),
        ("strandline_dl_partition", b"3"),
        ("strandline_dl_offset", b"42"),
        ("strandline_dl_error", b"no JSON"),
        ("strandline_dl_time", b"2026-11-22T12:00:00.123Z"),
    )


def test_dead_letter_cuts_a_long_error() -> None:
    headers = dict(build_dead_letter(RECORD, "x" * 100_000, AT.astimezone(UTC)).headers)
    assert len(headers["strandline_dl_error"]) == 2_000


def test_dead_letter_without_its_value_names_the_original_position() -> None:
    letter = drop_value(build_dead_letter(RECORD, "no JSON", AT))
    assert letter.value is None
    assert dict(letter.headers)["strandline_dl_offset"] == b"42"
    assert b"left out" in dict(letter.headers)["strandline_dl_value"]


def test_smallest_dead_letter_has_a_bounded_size() -> None:
    big = b"x" * 1_000_000
    record = replace(RECORD, key=big, headers=(("a", big), ("strandline_dl_time", big)))
    *_, least = build_candidates(record, "no JSON" * 1_000, AT, topic="dead")
    assert (least.topic, least.key, least.value) == ("dead", None, None)
    headers = dict(least.headers)
    assert headers.keys() == {
        f"strandline_dl_{name}" for name in ["topic", "partition", "offset", "error", "time", "value"]
    }
    assert headers["strandline_dl_error"].startswith(b"(key and headers left out as well: too large) no JSON")
    assert sum(len(value) for value in headers.values()) < 10_000
