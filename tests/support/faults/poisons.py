"""Records that should not be on a topic, and records whose form is rare: none may stop another record. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from schemas.topics import FAILURES, REQUESTS, RESULTS, WATCH_EVENTS

CODECS = ("gzip", "snappy", "lz4", "zstd")
_BIG = 900_000
_DIGITS = "9" * 400


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as another producer writes it.

    request_id   the request in it, which must complete; None if it holds none
    transaction  whether it is written in a transaction, and how that ends
    """

    value: bytes | None
    topic: str = REQUESTS.name
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    codec: str = "none"
    request_id: str | None = None
    transaction: Literal["none", "committed", "aborted"] = "none"


def make_poisons(prefix: str) -> list[RawRecord]:
    """Return one record of each kind; ids of requests in them begin with `prefix`."""
    return [
        *_bytes(),
        *(RawRecord(json.dumps(body).encode()) for body in _wrong_requests(prefix)),
        *(RawRecord(text.encode()) for text in _wrong_numbers()),
        *(RawRecord(_nest(levels)) for levels in (150, 5_000, 200_000)),
        *_big(),
        *_envelopes(prefix),
        *_on_other_topics(),
        *_rare_requests(prefix),
    ]


def make_request(request_id: str, symbol: str = "BTCUSDT") -> bytes:
    return json.dumps({"symbol": symbol, "timeframe": "1h", "request_id": request_id}).encode()


def _bytes() -> Iterator[RawRecord]:
    values = (
        None,
        b"",
        b'{"symbol": "BTCUSDT"',
        b"[1, 2]",
        b"null",
        b'"text"',
        b'{"symbol": "\xff\xfe"}',
        b'\xef\xbb\xbf{"symbol": "BTCUSDT"}',
        '{"symbol": "BTCUSDT"}'.encode("utf-16"),
        b"\x00\x00\x00\x00\x07schema registry",
        b"\x00" * 1_000,
    )
    yield from (RawRecord(value) for value in values)
    yield RawRecord(b'{"symbol": "BTCUSDT", "\\ud800": null}')
    yield RawRecord(None, key=b"binance:spot:BTCUSDT:1h")


def _wrong_requests(prefix: str) -> Iterator[dict[str, object]]:
    """Return JSON objects that are no valid requests."""
    yield {}
    for symbol in (
        7,
        {},
        [],
        True,
        "",
        " ",
        "\ud800",
        "B" * 1_000,
        "BTC\x00USDT",
        "💥",
        "'; DROP TABLE watches; --",
    ):
        yield {"symbol": symbol}
    base = {"symbol": "BTCUSDT"}
    yield base | {"request_id": 7}
    yield base | {"request_id": "\ud800"}
    yield base | {"request_id": f"{prefix}surrogate", "params": {"order": "\udfff"}}
    yield base | {"request_id": f"{prefix}name", "params": {"\ud800": 1}}
    yield base | {"request_id": f"{prefix}params", "params": []}
    yield base | {"request_id": f"{prefix}unknown", "params": {"no such": {"deep": [1, 2, 3]}}}
    yield base | {"request_id": f"{prefix}expiry", "expires_at": {}}
    yield base | {"request_id": f"{prefix}calendar", "expires_at": "9999-12-31T23:59:59-23:59"}
    yield base | {"request_id": f"{prefix}limit", "limit": "many"}
    yield base | {"request_id": f"{prefix}exchange", "exchange": ["binance"]}
    yield base | {"request_id": f"{prefix}timeframe", "timeframe": "1 fortnight"}
    yield base | {"request_id": f"{prefix}type", "market_type": 3.5}


def _wrong_numbers() -> Iterator[str]:
    """Return JSON with numbers that fit no type."""
    for number in (_DIGITS, f"-{_DIGITS}", f"0.{_DIGITS}", f"1e{_DIGITS}", "1e400", "NaN", "-Infinity", "-0"):
        yield f'{{"symbol": "BTCUSDT", "limit": {number}}}'
        yield f'{{"symbol": "BTCUSDT", "params": {{"score_touches": {number}}}}}'
        yield f'{{"symbol": "BTCUSDT", "expires_at": {number}}}'


def _nest(levels: int) -> bytes:
    return b'{"symbol": "BTCUSDT", "params": {"a": ' + b"[" * levels + b"]" * levels + b"}}"


def _big() -> Iterator[RawRecord]:
    yield RawRecord(b"x" * _BIG)
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "params": {"a": "x" * _BIG}}).encode())
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "request_id": "x" * _BIG}).encode())
    many = {str(n): n for n in range(60_000)}
    yield RawRecord(json.dumps({"symbol": "BTCUSDT"} | many).encode())
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "params": many}).encode())
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "x" * _BIG: 1}).encode())
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "params": {"x" * _BIG: 1}}).encode())
    yield RawRecord(json.dumps({"symbol": "BTC" * (_BIG // 3)}).encode())
    yield RawRecord(json.dumps({"symbol": "BTCUSDT", "expires_at": "2026-" * (_BIG // 5)}).encode())
    yield RawRecord(b'{"symbol": "BTCUSDT", "limit": ' + b"9" * _BIG + b"}")
    yield RawRecord(b'{"symbol": "BTCUSDT", "params": {"order": 0.' + b"9" * _BIG + b"}}")
    yield RawRecord(b"{", key=b"k" * _BIG)


def _envelopes(prefix: str) -> Iterator[RawRecord]:
    """Return CloudEvents of other people, and headers that contradict the value."""
    other = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/other"), ("ce_time", b"yesterday"))
    created = ("ce_type", b"com.example.OrderCreated")
    structured = (("content-type", b"application/cloudevents+json"),)
    yield RawRecord(b'{"order": 7}', headers=(*other, created))
    yield RawRecord(b"<order/>", headers=(*other, created, ("content-type", b"application/xml")))
    yield RawRecord(make_request(f"{prefix}created"), headers=(*other, created))
    yield RawRecord(b'{"specversion": "1.0", "type": "com.example.Other", "data": 7}', headers=structured)
    yield RawRecord(b'{"specversion": "1.0", "type": "strandline.AnalysisRequested.v1"}', headers=structured)
    yield RawRecord(
        b"{", headers=(("ce_type", b"\xff\xfe"), ("traceparent", b"\xff"), ("none", None), ("", b""))
    )


def _on_other_topics() -> Iterator[RawRecord]:
    for topic in (RESULTS.name, FAILURES.name, WATCH_EVENTS.name):
        for value in (b"\xff", b"{}", b"null", _nest(150), json.dumps({"request_ids": ["\ud800"]}).encode()):
            yield RawRecord(value, topic, key=b"binance:spot:BTCUSDT:1h")
        yield RawRecord(b"x" * _BIG, topic)
        yield RawRecord(None, topic, key=b"binance:spot:NOSUCHUSDT:1h")


def _rare_requests(prefix: str) -> Iterator[RawRecord]:
    """Return valid requests in a rare form, which must complete; that of an aborted transaction must not."""

    def request(name: str) -> RawRecord:
        return RawRecord(make_request(prefix + name), request_id=prefix + name)

    for codec in CODECS:
        yield replace(request(codec), codec=codec)
    yield replace(request("committed"), transaction="committed")
    yield RawRecord(make_request(f"{prefix}aborted"), transaction="aborted")
    yield replace(request("key"), key=b"\xff\x00no market")
    yield replace(
        request("headers"), headers=(*((f"h{n}", b"x") for n in range(1_000)), ("traceparent", b"00-no"))
    )
    yield replace(request("digits"), value=_with_unknown_field(f"{prefix}digits"))


def _with_unknown_field(request_id: str) -> bytes:
    return make_request(request_id).removesuffix(b"}") + f', "other": {_DIGITS}}}'.encode()
