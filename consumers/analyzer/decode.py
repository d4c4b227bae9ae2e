"""Decode a record of the requests topic. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import from_json

from broker.ports import Record
from runtime.errors import Malformed
from schemas.cloudevents import traceparent
from schemas.market import Market
from schemas.request_envelope import open_envelope, read_traceparent
from schemas.requests import AnalysisRequested, InvalidRequest, default_request_id

Position = tuple[str, int, int]
"""Topic, partition and offset of a record."""


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A valid request and its record: `sent_at` is the record's timestamp, or the time of decoding.

    `coalescing_key`: what requests must have in common to be answered by the same analysis.
    """

    request: AnalysisRequested
    market: Market
    coalescing_key: str
    position: Position
    sent_at: datetime
    traceparent: str | None

    @property
    def request_id(self) -> str:
        return self.request.request_id


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A JSON object that is no valid request; it is answered with a failure under the record's own `key`."""

    request_id: str
    error: InvalidRequest
    key: bytes | None
    position: Position
    sent_at: datetime
    traceparent: str | None


Incoming = IncomingRequest | RefusedRequest


def decode_request(record: Record, *, exchange: str, now: datetime) -> Incoming:
    """Decode a record; `exchange` is the default one, `now` replaces a timestamp that the record lacks.

    Raises Malformed for a value that is no JSON object.
    """
    payload = _json_object(record.value)
    default_id = default_request_id(record.topic, record.partition, record.offset)
    position = (record.topic, record.partition, record.offset)
    sent_at = record.sent_at_or(now)
    trace = traceparent(record.headers) or read_traceparent(payload)
    try:
        body = open_envelope(payload, record.headers)
        request = AnalysisRequested.read(body, exchange=exchange, request_id=default_id, at=sent_at)
    except InvalidRequest as error:
        return RefusedRequest(error.request_id or default_id, error, record.key, position, sent_at, trace)
    market = request.market
    return IncomingRequest(request, market, _coalescing_key(market, request), position, sent_at, trace)


def _coalescing_key(market: Market, request: AnalysisRequested) -> str:
    params = json.dumps(request.params, sort_keys=True) if request.params else "{}"
    return f"{market.key}|{request.limit}|{params}"


def _json_object(value: bytes | None) -> dict[str, object]:
    if value is None:
        raise Malformed("the record has no value; a request is a JSON object")
    try:
        payload = from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"the value is no JSON: {error}") from None
    if not isinstance(payload, dict):
        raise Malformed(f"the value is a JSON {type(payload).__name__}; a request is a JSON object")
    return payload
