"""The tools of the MCP server: seven questions and one order, each a call of the REST API."""

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from api.mcp import answers
from api.mcp.calls import CallFailed, RestCalls, escape

_INSTRUCTIONS = """Support and resistance levels of markets, and watches that fire when a price meets them.

A level is a price that the market has turned at. It does not hold more often than a random price as far away: p_hold
equals placebo. p_reach is a matter of distance and volatility. State this when you advise. An answer was known from its
known_at on. Markets of the exchange `sim` are simulated."""

MAX_WAIT = 50.0

Connect = Callable[[Context[Any, Any]], RestCalls]
"""Returns the API calls that a request makes, with the key of its caller."""

Symbol = Annotated[str, Field(description="Symbol, such as BTCUSDT or BTC/USDT.")]
Timeframe = Annotated[str, Field(description="Length of a candle: 1m 5m 15m 1h 4h 1d ...")]
Exchange = Annotated[str | None, Field(description="Exchange; any that has results if absent.")]
MarketType = Annotated[Literal["spot", "future"], Field(description="Type of the market.")]
LevelId = Annotated[str, Field(description="Id of a level, as `levels` lists them.")]
Side = Annotated[Literal["support", "resistance"] | None, Field(description="Only levels of this side.")]

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


def build_server(connect: Connect) -> MCPServer[Any]:
    """Build the server; `connect` gives a tool its way to the API."""
    server: MCPServer[Any] = MCPServer(
        "strandline", version=version("strandline"), instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    _add_level_lists(server, connect)
    _add_level_details(server, connect)
    _add_watch_creation(server, connect)
    _add_watch_reads(server, connect)
    return server


def _add_level_lists(server: MCPServer[Any], connect: Connect) -> None:
    @server.tool(annotations=_READS, structured_output=False)
    async def levels(
        ctx: Context[Any, Any],
        symbol: Symbol,
        timeframe: Timeframe = "1h",
        exchange: Exchange = None,
        market_type: MarketType = "spot",
    ) -> str:
        """Return the newest levels of a market, nearest first, with their evidence in short."""
        return await _answer(_levels(connect(ctx), symbol, timeframe, exchange, market_type))

    @server.tool(annotations=_READS, structured_output=False)
    async def levels_near(
        ctx: Context[Any, Any],
        within_pct: Annotated[
            float | None, Field(gt=0, le=100, description="Largest distance from the price in percent.")
        ] = None,
        within_atr: Annotated[
            float | None,
            Field(gt=0, le=100, description="The same in mean true ranges; give one of the two."),
        ] = None,
        side: Side = None,
        fresh: Annotated[
            bool | None,
            Field(description="Only levels that were not visited since their anchor, or only others."),
        ] = None,
        min_touches: Annotated[int | None, Field(ge=1, description="Least number of visits.")] = None,
        min_reach: Annotated[
            float | None,
            Field(ge=0, le=1, description="Least probability of being reached within 100 candles."),
        ] = None,
        timeframe: Annotated[str | None, Field(description="Only levels of this timeframe.")] = None,
        exchange: Exchange = None,
        market_type: Annotated[
            Literal["spot", "future"] | None, Field(description="Only markets of this type.")
        ] = None,
        quote: Annotated[str | None, Field(description="End of the symbol, such as USDT.")] = None,
        limit: Annotated[int, Field(ge=1, le=20, description="Number of levels.")] = 10,
    ) -> str:
        """Return the levels of all markets that are nearest to their live price, the nearest first."""
        question = {
            "within_pct": within_pct,
            "within_atr": within_atr,
            "side": side,
            "fresh": fresh,
            "min_touches": min_touches,
            "min_reach": min_reach,
            "timeframe": timeframe,
            "exchange": exchange,
            "market_type": market_type,
            "quote": quote,
            "limit": limit,
        }
        return await _answer(_levels_near(connect(ctx), question))


def _add_level_details(server: MCPServer[Any], connect: Connect) -> None:
    @server.tool(annotations=_READS, structured_output=False)
    async def level_history(
        ctx: Context[Any, Any],
        level_id: LevelId,
        symbol: Symbol,
        timeframe: Timeframe = "1h",
        exchange: Exchange = None,
        market_type: MarketType = "spot",
    ) -> str:
        """Return what happened at a level: touches, bounces, breaks, flips, newest first."""
        calls = connect(ctx)
        return await _answer(_level_history(calls, level_id, symbol, timeframe, exchange, market_type))

    @server.tool(annotations=_READS, structured_output=False)
    async def evidence(
        ctx: Context[Any, Any],
        level_id: LevelId,
        symbol: Symbol,
        timeframe: Timeframe = "1h",
        exchange: Exchange = None,
        market_type: MarketType = "spot",
    ) -> str:
        """Return all the evidence of one level: its zone, visits, score and probabilities."""
        calls = connect(ctx)
        return await _answer(_evidence(calls, level_id, symbol, timeframe, exchange, market_type))


def _add_watch_creation(server: MCPServer[Any], connect: Connect) -> None:
    @server.tool(annotations=_WRITES, structured_output=False)
    async def create_watch(
        ctx: Context[Any, Any],
        symbol: Symbol,
        side: Annotated[Literal["long", "short"], Field(description="Trade that the watch is for.")],
        condition: Annotated[
            Literal["touch", "approach", "cross_up", "cross_down", "close_above", "close_below"],
            Field(description="What the price must do at the target."),
        ] = "touch",
        target: Annotated[float | None, Field(gt=0, description="Price; or give a level_id.")] = None,
        level_id: Annotated[str | None, Field(description="Level to watch instead of a price.")] = None,
        within_pct: Annotated[
            float | None,
            Field(gt=0, le=50, description="Of an approach: how near, in percent of the target."),
        ] = None,
        within_atr: Annotated[
            float | None, Field(gt=0, le=100, description="Of an approach: how near, in mean true ranges.")
        ] = None,
        timeframe: Timeframe = "1h",
        exchange: Annotated[
            str | None, Field(description="Exchange; the default exchange if absent.")
        ] = None,
        market_type: MarketType = "spot",
        client_key: Annotated[
            str | None,
            Field(description="Any unique text: repeating a call with it creates no second watch."),
        ] = None,
    ) -> str:
        """Create a watch that fires once when the price meets the condition. Needs a key that may write watches."""
        body = {
            "symbol": symbol,
            "side": side,
            "condition": condition,
            "target": target,
            "level_id": level_id,
            "within_pct": within_pct,
            "within_atr": within_atr,
            "timeframe": timeframe,
            "exchange": exchange,
            "market_type": market_type,
            "client_key": client_key,
        }
        return await _answer(_create_watch(connect(ctx), body))


def _add_watch_reads(server: MCPServer[Any], connect: Connect) -> None:
    @server.tool(annotations=_READS, structured_output=False)
    async def list_watches(
        ctx: Context[Any, Any],
        symbol: Annotated[str | None, Field(description="Only watches of this symbol.")] = None,
        limit: Annotated[int, Field(ge=1, le=20, description="Number of watches.")] = 10,
    ) -> str:
        """List watches, newest first, with their state."""
        return await _answer(_list_watches(connect(ctx), symbol, limit))

    @server.tool(annotations=_READS, structured_output=False)
    async def wait_for_fire(
        ctx: Context[Any, Any],
        watch_id: Annotated[str, Field(description="Id of a watch.")],
        timeout_s: Annotated[float, Field(ge=0, le=MAX_WAIT, description="Seconds to wait at most.")] = 30.0,
        after: Annotated[
            str | None, Field(description="fire_id of a fire that is known: wait for a newer one.")
        ] = None,
    ) -> str:
        """Wait until a watch fires, and return the fire at once; if it has not in time, call again."""
        return await _answer(_wait_for_fire(connect(ctx), watch_id, timeout_s, after))


async def _answer(call: Awaitable[str]) -> str:
    """Return the text of a call; what the API refuses is an error of the tool that the model can read."""
    try:
        return await call
    except CallFailed as error:
        raise ToolError(answers.shorten(str(error))) from None


async def _find_result(
    calls: RestCalls, symbol: str, timeframe: str, exchange: str | None, market_type: str
) -> answers.Json:
    found = await calls.get(
        "/analysis/results",
        symbol=symbol,
        timeframe=timeframe,
        exchange=exchange,
        market_type=market_type,
        include="levels",
        page=1,
        pageSize=1,
    )
    if not found["data"]:
        raise CallFailed(f"no result of {symbol} {timeframe} is stored: request an analysis of it first")
    row: answers.Json = found["data"][0]
    return row


async def _levels(
    calls: RestCalls, symbol: str, timeframe: str, exchange: str | None, market_type: str
) -> str:
    return answers.format_levels(await _find_result(calls, symbol, timeframe, exchange, market_type))


async def _levels_near(calls: RestCalls, question: Mapping[str, object]) -> str:
    found = await calls.get("/levels/near", **question)
    return answers.format_near(found["data"], found["total"])


async def _level_history(
    calls: RestCalls, level_id: str, symbol: str, timeframe: str, exchange: str | None, market_type: str
) -> str:
    row = await _find_result(calls, symbol, timeframe, exchange, market_type)
    market = answers.market_key(row)
    events = await calls.get(f"/levels/{escape(market)}/{escape(level_id)}/events", limit=50)
    return answers.format_events(row, level_id, events["data"])


async def _evidence(
    calls: RestCalls, level_id: str, symbol: str, timeframe: str, exchange: str | None, market_type: str
) -> str:
    row = await _find_result(calls, symbol, timeframe, exchange, market_type)
    level = answers.find_level(row, level_id)
    if level is None:
        raise CallFailed(f"{answers.market_key(row)} has no level {level_id} now: list them with levels")
    return answers.format_evidence(row, level)


async def _create_watch(calls: RestCalls, body: Mapping[str, object]) -> str:
    created = await calls.post("/watches", body)
    return answers.format_watch(created["data"])


async def _list_watches(calls: RestCalls, symbol: str | None, limit: int) -> str:
    page = await calls.get("/watches", symbol=symbol, pageSize=limit)
    return answers.format_watches(page["data"], page["total"])


async def _wait_for_fire(calls: RestCalls, watch_id: str, timeout_s: float, after: str | None) -> str:
    path = f"/watches/{escape(watch_id)}"
    fires = await calls.get(f"{path}/fires", wait=timeout_s, after=after, limit=1)
    watch = await calls.get(path)
    return answers.format_fire(watch["data"], fires["data"])
