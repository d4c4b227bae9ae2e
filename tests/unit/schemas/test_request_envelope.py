"""Requests wrapped as CloudEvents in structured mode, and event types that are newer than this version."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cloudevents import Headers
from schemas.event_types import find_unknown_type
from schemas.request_envelope import open_envelope, read_traceparent
from schemas.requests import InvalidRequest

REQUEST = {"symbol": "BTCUSDT", "request_id": "my-7"}
ENVELOPE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/bot",
    "type": "strandline.AnalysisRequested.v1",
}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def type_header(named: str) -> Headers:
    return (("ce_specversion", b"1.0"), ("ce_type", named.encode()))


@pytest.mark.parametrize(
    "headers", [(), type_header("strandline.AnalysisRequested.v1"), type_header("com.desk.levels")]
)
def test_open_envelope_returns_plain_request(headers: Headers) -> None:
    assert open_envelope(REQUEST, headers) == REQUEST


@pytest.mark.parametrize("named", ["strandline.AnalysisRequested.v1", "com.desk.levels-wanted"])
@pytest.mark.parametrize(
    "data", [{"data": REQUEST}, {"data_base64": base64.b64encode(json.dumps(REQUEST).encode()).decode()}]
)
def test_open_envelope_returns_data_of_structured_event(named: str, data: dict[str, Any]) -> None:
    assert open_envelope(ENVELOPE | {"type": named} | data, ()) == REQUEST


@pytest.mark.parametrize(
    "payload", [{"id": "1", "type": "spot"}, {"specversion": "1.0"}, ENVELOPE | {"type": 3}]
)
def test_open_envelope_leaves_objects_that_are_no_event(payload: dict[str, Any]) -> None:
    assert open_envelope(payload, ()) == payload


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"data": None},
        {"data": "BTCUSDT"},
        {"data": [REQUEST]},
        {"data_base64": "%"},
        {"data_base64": "aGk="},
        {"data_base64": 3},
    ],
)
def test_open_envelope_refuses_event_without_request(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="CloudEvent"):
        open_envelope(ENVELOPE | data, ())


def test_open_envelope_refuses_unknown_version() -> None:
    newer = "strandline.AnalysisRequested.v2"
    with pytest.raises(
        InvalidRequest, match=r"AnalysisRequested\.v2.*publish strandline\.AnalysisRequested\.v1"
    ):
        open_envelope(REQUEST, type_header(newer))
    with pytest.raises(InvalidRequest, match=r"AnalysisRequested\.v2"):
        open_envelope(ENVELOPE | {"type": newer, "data": REQUEST}, ())


def test_traceparent_of_structured_event_is_read() -> None:
    assert read_traceparent(ENVELOPE | {"traceparent": TRACE}) == TRACE
    assert read_traceparent({"traceparent": TRACE}) is None
    assert read_traceparent(ENVELOPE | {"traceparent": 3}) is None


@given(
    payload=st.dictionaries(
        st.sampled_from([*ENVELOPE, "data", "data_base64"]), st.text() | st.none() | st.integers()
    )
)
def test_open_envelope_returns_or_refuses_any_object(payload: dict[str, Any]) -> None:
    with suppress(InvalidRequest):
        assert open_envelope(payload, ()) == payload


@pytest.mark.parametrize(
    ("named", "is_unknown"),
    [
        ("strandline.AnalysisCompleted.v1", False),
        ("strandline.WatchExpired.v1", False),
        ("strandline.AnalysisCompleted.v2", True),
        ("strandline.LevelFolded.v1", True),
        ("com.desk.AnalysisCompleted.v2", False),
        ("", False),
    ],
)
def test_unknown_type_is_found_in_headers(named: str, is_unknown: bool) -> None:
    assert find_unknown_type(type_header(named)) == (named if is_unknown else None)
