"""The pure parts of the Python client: events of a stream, repeats, data frames."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline_client.frames import history_frame, levels_frame
from strandline_client.models import Publication, Result
from strandline_client.sse import Event, EventParser, LineSplitter, RepeatFilter
from tests.support.events import make_completed, make_level, make_unchanged

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


@given(text=st.text(), kind=st.sampled_from(["result", "price", ""]), event_id=st.text("ab-1"))
def test_parser_returns_what_was_sent(text: str, kind: str, event_id: str) -> None:
    parser = EventParser()
    lines = [f"id: {event_id}", f"event: {kind}", f"data: {json.dumps({'text': text})}", ": comment", ""]
    events = [event for line in lines if (event := parser.feed(line))]
    assert events == [Event(event_id, kind or "message", {"text": text})]


@given(
    lines=st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 5),
)
def test_lines_are_the_same_however_the_bytes_are_cut(lines: list[str], end: str, size: int) -> None:
    data = "".join(line + end for line in lines).encode()
    splitter = LineSplitter()
    split = [line for at in range(0, len(data), size) for line in splitter.push(data[at : at + size])]
    # A line that ends with a CR alone is complete when something other than a LF follows.
    assert [*split, *splitter.push(b"x")] == lines


def test_parser_joins_lines_of_data() -> None:
    parser = EventParser()
    (event,) = [one for line in ("data: [1,", "data: 2]", "") if (one := parser.feed(line))]
    assert event.data == [1, 2]


def test_parser_resumes_after_the_last_whole_event() -> None:
    parser = EventParser()
    for line in ("id: a-1", "data: {}", "", "id: a-2", "data: {"):
        parser.feed(line)
    parser.begin()
    assert parser.last_id == "a-1"
    assert parser.feed("data: {}") is None
    assert parser.feed("") == Event("a-1", "message", {})


def test_repeat_filter_recognises_results_of_any_process() -> None:
    data = json.loads(make_completed().model_dump_json())
    repeats = RepeatFilter()
    assert not repeats.is_repeat(Event("a-1", "result", data))
    assert repeats.is_repeat(Event("b-9", "result", data))
    assert not repeats.is_repeat(Event("b-10", "result", data | {"candles_hash": "d"}))
    assert not repeats.is_repeat(Event("b-10", "price", {"price": 1}))
    assert not repeats.is_repeat(Event("b-10", "price", {"price": 1}))


def test_repeat_filter_recognises_closes_without_change() -> None:
    close = json.loads(make_unchanged(make_completed()).model_dump_json())
    later = close | {"candles_hash": "e", "candle_at": "2026-11-22T13:00:00Z"}
    repeats = RepeatFilter()
    seen = [repeats.is_repeat(Event("a-1", "unchanged", one)) for one in (close, later, close)]
    assert seen == [False, False, True]


def test_repeat_filter_recognises_events_of_levels() -> None:
    repeats = RepeatFilter()
    seen = [repeats.is_repeat(Event("", "level", {"event_id": one})) for one in ("a", "b", "a")]
    assert seen == [False, False, True]


def test_repeat_filter_forgets_the_oldest() -> None:
    repeats = RepeatFilter(size=2)
    seen = [repeats.is_repeat(Event("", "watch", {"fire_id": name})) for name in "abcca"]
    assert seen == [False, False, False, True, False]


def publication(hour: int, *prices: float) -> dict[str, Any]:
    at = START + hour * HOUR
    return {
        "candle_at": (at - HOUR).isoformat(),
        "analyzed_at": at.isoformat(),
        "recorded_at": at.isoformat(),
        "input_limit": 1999,
        "last_price": 100.0,
        "support_levels": list(prices),
        "resistance_levels": [],
        "levels": [json.loads(make_level(price).model_dump_json()) for price in prices],
        "request_id": "r",
        "algorithm": "strandline/2",
        "params_hash": "p",
        "candles_hash": "c",
    }


def test_history_frame_has_a_row_for_each_level_as_it_was_known() -> None:
    pytest.importorskip("pandas")
    frame = history_frame(
        [Publication.read(publication(2, 90.0, 91.0)), Publication.read(publication(1, 89.0))]
    )
    assert frame["price"].tolist() == [89.0, 90.0, 91.0]
    assert frame["known_at"].tolist() == [START + HOUR, START + 2 * HOUR, START + 2 * HOUR]
    assert (frame["confirmed_at"].dt.year > 2000).all()
    assert "raw" not in frame
    assert (frame["score_touches"] <= frame["score"]).all()


def test_levels_frame_of_a_result_without_levels_is_empty() -> None:
    pytest.importorskip("pandas")
    row = {
        "id": 1,
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": "1h",
        "input_limit": 1,
        "last_price": 1.0,
        "support_levels": [],
        "resistance_levels": [],
        "created_at": START.isoformat(),
        "updated_at": START.isoformat(),
        "levels": None,
    }
    assert len(levels_frame(Result.read(row))) == 0
