"""From a record on the requests topic to something to work on. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pydantic_core import from_json

from broker.ports import Record
from runtime.errors import Malformed
from schemas.cloudevents import traceparent
from schemas.requests import AnalysisRequested, InvalidRequest, made_id


@dataclass(frozen=True, slots=True)
class Asked:
    """One record: a request, or why it is none; `request_id` is whom to answer. `lane` is the record's alone.

    `sent_at` is when it was published, as far as the record says.
    """

    request: AnalysisRequested | InvalidRequest
    request_id: str
    key: bytes | None
    traceparent: str | None
    lane: tuple[str, int, int]
    sent_at: datetime


def read_request(record: Record, *, exchange: str, now: datetime) -> Asked:
    """What a record asks for; `exchange` is the default one, `now` stands in for a time the record lacks.

    An object that is no valid request is an Asked too, for it gets an answer. Raises Malformed for anything else.
    """
    payload = _json_object(record.value)
    made = made_id(record.topic, record.partition, record.offset)
    sent_at = record.sent_at(now)
    request: AnalysisRequested | InvalidRequest
    try:
        request = AnalysisRequested.read(payload, exchange=exchange, request_id=made, at=sent_at)
    except InvalidRequest as error:
        request = error
    return Asked(
        request=request,
        request_id=request.request_id or made,
        key=record.key,
        traceparent=traceparent(record.headers),
        lane=(record.topic, record.partition, record.offset),
        sent_at=sent_at,
    )


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
