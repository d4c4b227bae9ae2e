"""Each call as a value: what is sent, and how its answer is read. Pure, shared by both clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from strandline_client.models import Candle, Job, LevelEvent, NearLevel, Publication, Result, TradableMarket
from strandline_client.watch_models import Fire, StandingWatch, Watch

T = TypeVar("T")
Json = Mapping[str, Any]

_API = "/api/v1"
_MAX_CHUNK = 500
FIRST_CURSOR = "0"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call of the server. `is_repeatable`: sending it twice has the effect of sending it once.

    `read` is given the parsed JSON, or with `is_file` the bytes.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Json | None = None
    is_repeatable: bool = True
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: list[T]
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class Chunk(Generic[T]):
    """Some items of a list, and the cursor of those that follow; None at the end."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepted requests by position, and the refusals: position, error and whether it may be sent again."""

    accepted: dict[int, str]
    refused: list[Json]


def list_results(page: int, page_size: int, filters: Json) -> Call[Page[Result]]:
    params = _present(filters) | {"page": page, "pageSize": page_size}
    return Call("GET", f"{_API}/analysis/results", lambda answer: _page(answer, Result.read), params)


def list_results_after(cursor: str, filters: Json) -> Call[Chunk[Result]]:
    params = _present(filters) | {"include": "levels", "after": cursor, "pageSize": _MAX_CHUNK}
    return Call("GET", f"{_API}/analysis/results", _results_chunk, params)


def get_result(result_id: int, at: datetime | None) -> Call[Result]:
    return Call("GET", f"{_API}/analysis/{result_id}", _result, _present({"at": _text(at)}))


def get_result_by_market(market: str, at: datetime | None) -> Call[Result]:
    path = f"{_API}/analysis/by-market/{quote(market, safe=':')}"
    return Call("GET", path, _result, _present({"at": _text(at)}))


def list_publications(result_id: int, page: int, page_size: int) -> Call[Page[Publication]]:
    return Call(
        "GET",
        f"{_API}/analysis/{result_id}/history",
        lambda answer: _page(answer, Publication.read),
        {"page": page, "pageSize": page_size},
    )


def export_levels(market: str, start: datetime, end: datetime | None, file_format: str) -> Call[bytes]:
    params = _present({"market": market, "from": _text(start), "to": _text(end), "format": file_format})
    return Call("GET", f"{_API}/export", bytes, params, is_file=True)


def list_candles(
    market: str, limit: int | None, since: datetime | None, before: datetime | None
) -> Call[list[Candle]]:
    """Raises ValueError for a market that is not named by its key."""
    names, parts = ("exchange", "market_type", "symbol", "interval"), market.split(":")
    if len(parts) != len(names):
        raise ValueError(f"{market} is not a market key, such as binance:spot:BTCUSDT:1h")
    span = {"limit": limit, "since": _milliseconds(since), "before": _milliseconds(before)}
    params = dict(zip(names, parts, strict=True)) | _present(span)
    return Call("GET", f"{_API}/klines", _list(Candle.read), params)


def list_markets(question: Json) -> Call[list[TradableMarket]]:
    return Call("GET", f"{_API}/markets", _list(TradableMarket.read), _present(question))


def list_near_levels(question: Json) -> Call[list[NearLevel]]:
    params = {name: _query_value(value) for name, value in _present(question).items()}
    return Call("GET", f"{_API}/levels/near", _list(NearLevel.read), params)


def list_level_events(market: str, level_id: str) -> Call[list[LevelEvent]]:
    path = f"{_API}/levels/{quote(market, safe=':')}/{quote(level_id)}/events"
    return Call("GET", path, _list(LevelEvent.read))


def trigger_analysis(request: Json, wait: float = 0.0) -> Call[Json]:
    """`request` gets an id, so that it can be sent again."""
    body = {"request_id": str(uuid.uuid4())} | _present(request)
    return Call("POST", f"{_API}/analysis/trigger", dict, _present({"wait": wait or None}), body)


def request_many(requests: Sequence[Json]) -> Call[Batch]:
    bodies = [{"request_id": str(uuid.uuid4())} | dict(request) for request in requests]
    return Call("POST", f"{_API}/analysis/batch", _batch, body={"requests": bodies})


def get_job(request_id: str) -> Call[Job]:
    return Call("GET", f"{_API}/jobs/{quote(request_id)}", Job.read)


def get_jobs(request_ids: Iterable[str]) -> Call[list[Job]]:
    return Call("GET", f"{_API}/jobs", _list(Job.read), {"ids": ",".join(request_ids)})


def list_watches(page: int, page_size: int, filters: Json) -> Call[Page[Watch]]:
    params = _present(filters) | {"page": page, "pageSize": page_size}
    return Call("GET", f"{_API}/watches", lambda answer: _page(answer, Watch.read), params)


def get_watch(watch_id: str) -> Call[Watch]:
    return Call("GET", f"{_API}/watches/{quote(watch_id)}", _watch)


def create_watch(watch: Json) -> Call[Watch]:
    """`watch` gets a `client_key`, so that it can be sent again."""
    body = {"client_key": str(uuid.uuid4())} | _present(watch)
    return Call("POST", f"{_API}/watches", _watch, body=body)


def change_watch(watch_id: str, changes: Json) -> Call[Watch]:
    return Call("PATCH", f"{_API}/watches/{quote(watch_id)}", _watch, body=dict(changes))


def delete_watch(watch_id: str) -> Call[None]:
    return Call("DELETE", f"{_API}/watches/{quote(watch_id)}", lambda _: None, is_repeatable=False)


def restore_watch(watch_id: str) -> Call[Watch]:
    return Call("POST", f"{_API}/watches/{quote(watch_id)}/restore", _watch)


def list_standing_watches() -> Call[list[StandingWatch]]:
    return Call("GET", f"{_API}/standing-watches", _list(StandingWatch.read))


def create_standing_watch(name: str, question: Json, delivery: Json | None) -> Call[StandingWatch]:
    body = _present({"name": name, "question": _present(question), "delivery": delivery})
    return Call("POST", f"{_API}/standing-watches", _standing_watch, body=body, is_repeatable=False)


def change_standing_watch(watch_id: str, changes: Json) -> Call[StandingWatch]:
    path = f"{_API}/standing-watches/{quote(watch_id)}"
    return Call("PATCH", path, _standing_watch, body=dict(changes))


def delete_standing_watch(watch_id: str) -> Call[None]:
    path = f"{_API}/standing-watches/{quote(watch_id)}"
    return Call("DELETE", path, lambda _: None, is_repeatable=False)


def list_fires(watch_id: str) -> Call[list[Fire]]:
    return Call("GET", f"{_API}/watches/{quote(watch_id)}/fires", _list(Fire.read))


def _result(answer: Json) -> Result:
    return Result.read(answer["data"])


def _results_chunk(answer: Json) -> Chunk[Result]:
    return Chunk([Result.read(item) for item in answer["data"]], answer["next"])


def _watch(answer: Json) -> Watch:
    return Watch.read(answer["data"])


def _standing_watch(answer: Json) -> StandingWatch:
    return StandingWatch.read(answer["data"])


def _batch(answer: Json) -> Batch:
    return Batch({one["index"]: one["request_id"] for one in answer["accepted"]}, list(answer["refused"]))


def _list(read: Callable[[Json], T]) -> Callable[[Json], list[T]]:
    return lambda answer: [read(item) for item in answer["data"]]


def _page(answer: Json, read: Callable[[Json], T]) -> Page[T]:
    items = [read(item) for item in answer["data"]]
    return Page(items, answer["total"], answer["page"], answer["totalPages"])


def _present(values: Json) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _query_value(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _milliseconds(at: datetime | None) -> int | None:
    return round(datetime.fromisoformat(text).timestamp() * 1000) if (text := _text(at)) else None


def _text(at: datetime | None) -> str | None:
    """Return the time with its zone. Raises ValueError for one without."""
    if at is not None and at.tzinfo is None:
        raise ValueError("the time needs a time zone, such as datetime.now(UTC)")
    return at.isoformat() if at is not None else None
