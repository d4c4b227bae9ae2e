"""What 10,000 markets of six timeframes need, from the figures of the page: `python -m benchmarks.simulation`.

The rates of the analyzer and of the sink are those of the sections `pipeline` and `sink` by CPU second; bytes are
counted here. The rest are assumptions, in `benchmarks/plan.py`.
"""

import gzip
from datetime import UTC, datetime

from benchmarks.figures import Figure, SectionUnavailableError
from benchmarks.plan import Costs, Demand, Limits, plan_installation
from benchmarks.results import STORE, SectionResult, load_results
from consumers.analyzer.events import build_completed
from levels import analyze
from levels.evaluation.synthetic import make_planted_market
from schemas.market import TIMEFRAMES, Market
from schemas.topics import encode_completed

DEMAND = Demand(10_000, tuple(TIMEFRAMES[name] // 1_000 for name in ("1m", "5m", "15m", "1h", "4h", "1d")))
CANDLES = 2_000
ANALYSIS, ROW = "request to result, real analysis", "result to row"


def find_rate(results: dict[str, SectionResult], section: str, start: str) -> float:
    """Return a rate by CPU second. Raises SectionUnavailableError where it was not measured."""
    figures = results[section].figures if section in results else ()
    for figure in figures:
        if figure.name.startswith(start) and figure.per_cpu_value:
            return figure.per_cpu_value
    raise SectionUnavailableError(
        f"it needs the figure *{start}* of the section {section}, which was not measured"
    )


def measure_bytes() -> tuple[float, float]:
    """Return the bytes of one result as Kafka stores it (gzip, as published), and of the candles of a market."""
    candles = make_planted_market(1, CANDLES).candles
    now = datetime(2026, 1, 5, tzinfo=UTC)
    market = Market.of("sim", "BTCUSDT", "spot", "1h")
    (event,) = build_completed(analyze(candles), market, ["r"], now)
    record = encode_completed(event, source="/bench", traceparent=None)
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    return float(len(gzip.compress(record.value))), float(sum(column.nbytes for column in columns))


def measure() -> list[Figure]:
    """Return the plan as figures."""
    results = load_results(STORE)
    result_bytes, series_bytes = measure_bytes()
    costs = Costs(
        find_rate(results, "pipeline", ANALYSIS), find_rate(results, "sink", ROW), result_bytes, series_bytes
    )
    limits = Limits()
    plan = plan_installation(DEMAND, costs, limits)
    share = f"cores planned at {limits.utilisation:.0%} of the measured rate"
    return [
        Figure("analyses, average of a day", "1/s", DEMAND.average),
        Figure("analyses, after midnight", "1/s", DEMAND.peak, note="60,000 within a minute"),
        Figure("analyzers for the average", "cores", plan.analyzers_average, note=share),
        Figure("analyzers for midnight within a minute", "cores", plan.analyzers_peak, note=share),
        Figure("sinks for midnight within a minute", "cores", plan.sinks, note=share),
        Figure(
            "partitions of the requests topic", "partitions", plan.partitions, note="at least one an analyzer"
        ),
        Figure(
            "addresses that poll at Binance's limit",
            "addresses",
            plan.addresses,
            note=f"{limits.weight_a_minute:,.0f} a minute and address, {limits.call_weight:g} a call of new candles",
        ),
        Figure(
            "websocket connections instead",
            "connections",
            plan.connections,
            note=f"{limits.streams_per_connection:,} streams each, candles of 1m, from which the others follow; "
            "candle streams are not built yet",
        ),
        Figure("candles in the analyzers' caches", "GB", plan.cache_gb, note="2,000 a market and timeframe"),
        Figure(
            "results kept on the topic",
            "GB",
            plan.topic_gb,
            note=f"{limits.retention_days:g} days, {result_bytes:,.0f} bytes a result, alone in its batch, gzip",
        ),
        Figure(
            "a month, analyzers for the average",
            "US$",
            plan.dollars_average,
            note=f"assumed: ${limits.core_month:g} a core, ${limits.memory_gb_month:g} a GB of memory, "
            f"${limits.disk_gb_month:g} a GB of disk, {limits.fixed_cores} cores for Kafka, MySQL, Redis and the other "
            "roles; no traffic",
        ),
        Figure("a month, analyzers for midnight", "US$", plan.dollars_peak),
    ]


if __name__ == "__main__":
    for figure in measure():
        print(figure)
