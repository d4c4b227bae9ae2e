"""Arguments that the commands share, and the request that is built from them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from schemas.requests import AnalysisRequested
from strandline.market_args import InvalidMarketArguments, parse_market

Market = Annotated[list[str], typer.Argument(metavar="[EXCHANGE] SYMBOL [TIMEFRAME]", show_default=False)]
Timeframe = Annotated[
    str | None, typer.Option("--timeframe", "-t", help="such as 15m, 1h, 4h, 1d; 1h if left out")
]
MarketType = Annotated[str, typer.Option("--market-type", "-m", help="spot or future")]
Limit = Annotated[int, typer.Option("--limit", "-n", help="how many candles at least, 2,000 to 10,000")]
Params = Annotated[str, typer.Option("--params", help="parameters of the analysis, as a JSON object")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]
ApiUrl = Annotated[str | None, typer.Option("--api", help="URL of the API, used where no Kafka is set")]


def build_request_body(
    market: Sequence[str], timeframe: str | None, market_type: str, limit: int, params: str, **more: Any
) -> dict[str, Any]:
    """Build the body of a request without the fields that were left out. Raises InvalidMarketArguments."""
    named = parse_market(market)
    if timeframe and named.timeframe and timeframe != named.timeframe:
        raise InvalidMarketArguments(
            f"two timeframes, {named.timeframe} and --timeframe {timeframe}: pass one of them"
        )
    body = {
        "exchange": named.exchange,
        "symbol": named.symbol,
        "market_type": market_type,
        "timeframe": timeframe or named.timeframe,
        "limit": limit,
        "params": parse_json_object(params),
        **more,
    }
    return {name: value for name, value in body.items() if value is not None}


def complete_request(body: Mapping[str, Any], *, exchange: str) -> AnalysisRequested:
    """Fill in the defaults of a request. Raises InvalidRequest."""
    return AnalysisRequested.read(body, exchange=exchange, request_id=str(uuid.uuid4()), at=datetime.now(UTC))


def parse_json_object(text: str) -> dict[str, Any]:
    """Parse the value of --params. Raises typer.BadParameter."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--params is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"--params is {text[:40]!r}: pass a JSON object")
    return value
