"""Decode a record of the requests or the candles topic. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import from_json

from broker.ports import Record
from consumers.event_types import check_event_type
from exchanges.ports import Candle
from runtime.errors import Malformed
from schemas.candles.close_ids import close_id
from schemas.candles.closed import CandleClosed, open_ms_of
from schemas.cloudevents import traceparent
from schemas.market import Market
from schemas.request_envelope import open_envelope, read_traceparent
from schemas.requests import (
    MIN_CANDLES,
    AnalysisRequested,
    InvalidRequest,
    RequestBody,
    default_request_id,
    format_validation_error,
)
from schemas.symbols import InvalidMarket

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


@dataclass(frozen=True, slots=True)
class IncomingCandle:
    """A closed candle of a market. `at`: when it was published, or the time of decoding."""

    candle: Candle
    market: Market
    revision: int
    position: Position
    at: datetime

    def to_request(self, now: datetime, limit: int = MIN_CANDLES) -> IncomingRequest:
        """Return the request that an analysis at this close stands for; it may wait from `now` on as requests do."""
        market = self.market
        body = RequestBody(**market.model_dump(), limit=limit)
        request_id = close_id(market, self.candle.time)
        request = AnalysisRequested.of(body, exchange=market.exchange, request_id=request_id, at=now)
        return IncomingRequest(
            request, market, _coalescing_key(market, request), self.position, self.at, None
        )


Incoming = IncomingRequest | RefusedRequest | IncomingCandle


def decode_candle(record: Record, *, now: datetime) -> IncomingCandle:
    """Decode a record of the candles topic. Raises Malformed, and UnknownEventType."""
    check_event_type(record.headers)
    try:
        event = CandleClosed.model_validate_json(record.value or b"")
        market = Market.of(event.exchange, event.symbol, event.market_type, event.timeframe)
        candle = Candle(open_ms_of(event), event.open, event.high, event.low, event.close, event.volume)
    except ValidationError as error:
        raise Malformed(f"no CandleClosed: {format_validation_error(error)}") from None
    except (InvalidMarket, OverflowError) as error:
        raise Malformed(f"no CandleClosed: {error}") from None
    position = (record.topic, record.partition, record.offset)
    return IncomingCandle(candle, market, event.revision, position, record.sent_at_or(now))


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
