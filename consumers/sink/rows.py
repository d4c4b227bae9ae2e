"""Results as rows of `analysis_results` and `analysis_history`. Pure."""

from datetime import datetime
from typing import TypedDict

from pydantic_core import to_json

from schemas.events import AnalysisCompleted
from schemas.values import to_ms, to_naive_utc
from storage.json_text import JsonText


class ResultPayload(TypedDict):
    """The columns that both tables have. `candle_at` is in ms, `analyzed_at` naive UTC."""

    candle_at: int
    analyzed_at: datetime
    input_limit: int
    last_price: float
    support_levels: JsonText
    resistance_levels: JsonText
    levels: JsonText
    request_id: str
    algorithm: str


class ResultValues(ResultPayload):
    """A new row of `analysis_results`. Its times are naive UTC."""

    exchange: str
    symbol: str
    market_type: str
    timeframe: str
    created_at: datetime
    updated_at: datetime


class HistoryValues(ResultPayload):
    """A new row of `analysis_history`."""

    market: str
    params_hash: str
    candles_hash: str
    recorded_at: datetime


def to_payload(event: AnalysisCompleted) -> ResultPayload:
    """Return what the rows of both tables have in common; its JSON is serialized once for both."""
    return {
        "candle_at": to_ms(event.candle_at),
        "analyzed_at": to_naive_utc(event.analyzed_at),
        "input_limit": event.input_limit,
        "last_price": event.last_price,
        "support_levels": _to_json(event.support_levels),
        "resistance_levels": _to_json(event.resistance_levels),
        "levels": _to_json(event.levels),
        "request_id": event.request_ids[0],
        "algorithm": event.algorithm,
    }


def to_result_values(event: AnalysisCompleted, payload: ResultPayload, now: datetime) -> ResultValues:
    """Return the row of the event's market; `now` is cut to whole seconds, because TIMESTAMP would round it up."""
    written_at = to_naive_utc(now).replace(microsecond=0)
    market = event.market
    return {
        **payload,
        "exchange": market.exchange,
        "symbol": market.symbol,
        "market_type": market.market_type,
        "timeframe": market.timeframe,
        "created_at": written_at,
        "updated_at": written_at,
    }


def to_history_values(event: AnalysisCompleted, payload: ResultPayload, now: datetime) -> HistoryValues:
    """Return the line of history for the event."""
    return {
        **payload,
        "market": event.market.key,
        "params_hash": event.params_hash,
        "candles_hash": event.candles_hash,
        "recorded_at": to_naive_utc(now),
    }


def _to_json(values: object) -> JsonText:
    return JsonText(to_json(values).decode())
