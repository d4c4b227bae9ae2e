"""The request for an analysis, in one shape for the topic, HTTP and the command line.

`RequestBody` is what callers send; `AnalysisRequested` is the same request with every default filled in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from schemas.candles.close_ids import CLOSE_PREFIX, is_close_id
from schemas.construction import construct_valid
from schemas.field_names import check_field_names
from schemas.market import TIMEFRAMES, BadTimeframe, Market, MarketType
from schemas.symbols import InvalidMarket, parse_symbol
from schemas.values import RequestId, Time

MIN_CANDLES = 2_000
MAX_CANDLES = 10_000
_MIN_TIMEOUT = timedelta(seconds=60)
_MAX_TIMEOUT = timedelta(hours=1)


class InvalidRequest(ValueError):
    """A request that is refused. `reason` is that of the failure event; `request_id` is set if it was readable."""

    def __init__(
        self,
        reason: Literal["invalid_request", "bad_timeframe"],
        message: str,
        *,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reason: Literal["invalid_request", "bad_timeframe"] = reason
        self.request_id = request_id


class RequestBody(BaseModel):
    """A request as callers send it. Only `symbol` is required; unknown fields are ignored, null means absent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    symbol: Annotated[
        str, Field(max_length=128, description="Symbol of the market.", examples=["BTCUSDT", "BTC/USDT"])
    ]
    exchange: Annotated[
        Annotated[str, Field(max_length=32)] | None,
        Field(description="Exchange; the default exchange if absent."),
    ] = None
    market_type: Annotated[MarketType, Field(description="Type of the market; `spot` if absent.")] = "spot"
    timeframe: Annotated[
        str, Field(max_length=20, description="Length of a candle; `1h` if absent.", examples=["1h"])
    ] = "1h"
    limit: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=MAX_CANDLES,
            description="Minimum number of candles; below 2,000 means 2,000, which is also the default.",
        ),
    ] = MIN_CANDLES
    request_id: Annotated[
        RequestId | None,
        Field(description="Id of the request, made if absent. Sending one id twice is safe."),
    ] = None
    expires_at: Annotated[
        Time | None,
        Field(
            description="Time after which the request fails; if absent, it has one candle period, "
            "at least 60 s and at most 1 h."
        ),
    ] = None
    params: Annotated[
        dict[str, Any], Field(description="Parameters of the analysis that differ from the defaults.")
    ] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, body: object) -> object:
        """Drop nulls, refuse names that are nearly those of fields, and take what the symbol alone implies."""
        if not isinstance(body, Mapping):
            return body
        fields = {name: value for name, value in body.items() if value is not None}
        check_field_names(fields, cls.model_fields)
        return fields | _implied_fields(fields)

    @field_validator("market_type", mode="before")
    @classmethod
    def _lowercase(cls, written: object) -> object:
        return written.lower() if isinstance(written, str) else written


def _implied_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the exchange of `BINANCE:BTCUSDT` and the market type of `BTCUSDT.P` where the request has none."""
    try:
        parsed = parse_symbol(fields.get("symbol", "")) if isinstance(fields.get("symbol", ""), str) else None
    except InvalidMarket:
        return {}
    implied: dict[str, Any] = {}
    if parsed and parsed.exchange and "exchange" not in fields:
        implied["exchange"] = parsed.exchange
    if parsed and parsed.market_type and not parsed.settles and "market_type" not in fields:
        implied["market_type"] = parsed.market_type
    return implied


class AnalysisRequested(BaseModel):
    """A request with all defaults filled in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    exchange: str
    symbol: str
    market_type: MarketType
    timeframe: str
    limit: Annotated[int, Field(ge=MIN_CANDLES, le=MAX_CANDLES)]
    request_id: RequestId
    expires_at: Time
    params: dict[str, Any]

    @property
    def market(self) -> Market:
        """The market, built at each call."""
        return Market(
            exchange=self.exchange, symbol=self.symbol, market_type=self.market_type, timeframe=self.timeframe
        )

    @classmethod
    def of(cls, body: RequestBody, *, exchange: str, request_id: str, at: datetime) -> Self:
        """Fill in the default exchange, id (a valid one), and expiry counted from `at` (UTC). Raises InvalidRequest."""
        if body.request_id and is_close_id(body.request_id):
            text = (
                f"request_id {body.request_id!r}: {CLOSE_PREFIX!r} begins ids of closed candles; use another"
            )
            raise InvalidRequest("invalid_request", text, request_id=body.request_id)
        request_id = body.request_id or request_id
        try:
            market = Market.of(body.exchange or exchange, body.symbol, body.market_type, body.timeframe)
        except BadTimeframe as error:
            raise InvalidRequest("bad_timeframe", str(error), request_id=request_id) from None
        except ValidationError as error:
            raise InvalidRequest(
                "invalid_request", format_validation_error(error), request_id=request_id
            ) from None
        except InvalidMarket as error:
            raise InvalidRequest("invalid_request", str(error), request_id=request_id) from None
        fields = {
            "exchange": market.exchange,
            "symbol": market.symbol,
            "market_type": market.market_type,
            "timeframe": market.timeframe,
            "limit": max(body.limit, MIN_CANDLES),
            "request_id": request_id,
            "expires_at": body.expires_at or _add_clamped(at, default_timeout(market.timeframe)),
            "params": body.params,
        }
        return construct_valid(cls, fields)

    @classmethod
    def read(cls, payload: Mapping[str, Any], *, exchange: str, request_id: str, at: datetime) -> Self:
        """Parse the request in a JSON object. Raises InvalidRequest, with the caller's id if that was readable."""
        try:
            body = RequestBody.model_validate(payload)
        except ValidationError as error:
            raise InvalidRequest(
                "invalid_request", format_validation_error(error), request_id=_read_id(payload) or request_id
            ) from None
        return cls.of(body, exchange=exchange, request_id=request_id, at=at)


def default_request_id(topic: str, partition: int, offset: int) -> str:
    """Return the id of a request without one: its position in the topic."""
    return f"kafka:{topic}:{partition}:{offset}"


def default_timeout(timeframe: str) -> timedelta:
    """Return how long a request is valid by default: one candle period, at least a minute, at most an hour."""
    return min(max(timedelta(milliseconds=TIMEFRAMES[timeframe]), _MIN_TIMEOUT), _MAX_TIMEOUT)


def _add_clamped(at: datetime, wait: timedelta) -> datetime:
    try:
        return at + wait
    except OverflowError:
        return at  # at the end of the calendar there is no later expiry


def format_validation_error(error: ValidationError) -> str:
    """Format a validation error in one line: each field and what is wrong with it, never its value."""
    return "; ".join(
        f"{'.'.join(str(part) for part in e['loc']) or 'request'}: {e['msg']}"
        for e in error.errors(include_input=False, include_url=False)[:5]
    )


def _read_id(payload: Mapping[str, Any]) -> str | None:
    try:
        return RequestBody.model_validate({"symbol": "-", "request_id": payload.get("request_id")}).request_id
    except ValidationError:
        return None
