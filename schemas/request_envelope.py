"""The request in a record: its payload, or what a CloudEvent in structured mode wraps.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import from_json

from schemas.event_types import find_unknown_type, is_unknown_type
from schemas.requests import InvalidRequest

_ATTRIBUTES = ("specversion", "type", "source", "id")


def open_envelope(payload: Mapping[str, Any], headers: Iterable[tuple[str, bytes]]) -> Mapping[str, Any]:
    """Return the request that a JSON object is, or wraps.

    Raises InvalidRequest for a version of the event that is not known, and for an envelope without an object.
    """
    if unknown := find_unknown_type(headers):
        raise _refuse_type(unknown)
    if not _is_structured(payload):
        return payload
    if is_unknown_type(payload["type"]):
        raise _refuse_type(payload["type"])
    return _read_data(payload)


def read_traceparent(payload: Mapping[str, Any]) -> str | None:
    """Return the `traceparent` of an envelope, where the tracing extension of CloudEvents puts it."""
    value = payload.get("traceparent") if _is_structured(payload) else None
    return value if isinstance(value, str) else None


def _is_structured(payload: Mapping[str, Any]) -> bool:
    return all(isinstance(payload.get(name), str) for name in _ATTRIBUTES)


def _read_data(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    data = envelope.get("data")
    if data is None and isinstance(encoded := envelope.get("data_base64"), str):
        data = _decode(encoded)
    if not isinstance(data, Mapping):
        raise InvalidRequest("invalid_request", "the CloudEvent has no JSON object as its data")
    return data


def _decode(encoded: str) -> Any:
    try:
        return from_json(base64.b64decode(encoded, validate=True), allow_inf_nan=False)
    except (binascii.Error, ValueError):
        raise InvalidRequest("invalid_request", "the CloudEvent's data_base64 is no JSON in base64") from None


def _refuse_type(named: str) -> InvalidRequest:
    return InvalidRequest(
        "invalid_request",
        f"the event type {named[:100]!r} is not supported; publish strandline.AnalysisRequested.v1",
    )
