"""What the commands that name a market share: their arguments, and the request they make of them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from schemas.requests import AnalysisRequested
from strandline.market_args import BadWords, read_words

Words = Annotated[list[str], typer.Argument(metavar="[EXCHANGE] SYMBOL [TIMEFRAME]", show_default=False)]
Timeframe = Annotated[
    str | None, typer.Option("--timeframe", "-t", help="such as 15m, 1h, 4h, 1d; 1h if left out")
]
MarketKind = Annotated[str, typer.Option("--market-type", "-m", help="spot or future")]
Limit = Annotated[int, typer.Option("--limit", "-n", help="how many candles at least, 2,000 to 10,000")]
Params = Annotated[str, typer.Option("--params", help="parameters of the analysis, as a JSON object")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]
ApiUrl = Annotated[str | None, typer.Option("--api", help="URL of the API, used where no Kafka is set")]


def request_body(
    words: Sequence[str], timeframe: str | None, market_type: str, limit: int, params: str, **more: Any
) -> dict[str, Any]:
    """The request as any other caller would write it; what was left out stays out. Raises BadWords."""
    named = read_words(words)
    if timeframe and named.timeframe and timeframe != named.timeframe:
        raise BadWords(f"two timeframes were given, {named.timeframe} and {timeframe}")
    body = {
        "exchange": named.exchange,
        "symbol": named.symbol,
        "market_type": market_type,
        "timeframe": timeframe or named.timeframe,
        "limit": limit,
        "params": json_object(params),
        **more,
    }
    return {name: value for name, value in body.items() if value is not None}


def complete(body: Mapping[str, Any], *, exchange: str) -> AnalysisRequested:
    """The request with nothing left to guess. Raises InvalidRequest."""
    return AnalysisRequested.read(body, exchange=exchange, request_id=str(uuid.uuid4()), at=datetime.now(UTC))


def json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--params is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--params must be a JSON object")
    return value
