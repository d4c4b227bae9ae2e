"""How large an installation must be for a number of markets, from measured costs. Pure."""

from dataclasses import dataclass
from math import ceil

DAY = 86_400


@dataclass(frozen=True)
class Demand:
    """`markets` of each of `periods` (seconds), an analysis a closed candle; all that close at one time together are
    to be answered within `within` seconds."""

    markets: int
    periods: tuple[int, ...]
    within: float = 60.0

    @property
    def average(self) -> float:
        """Analyses a second over a day."""
        return sum(self.markets / period for period in self.periods)

    @property
    def peak(self) -> float:
        """Analyses a second after midnight, when a candle of every timeframe closes."""
        return self.markets * len(self.periods) / self.within


@dataclass(frozen=True)
class Costs:
    """What was measured: analyses and rows a CPU second, bytes of a stored result, bytes of a market's candles."""

    analyses_per_core: float
    rows_per_core: float
    result_bytes: float
    series_bytes: float


@dataclass(frozen=True)
class Limits:
    """What a provider allows or bills; `utilisation` is how much of a core is planned with."""

    utilisation: float = 0.7
    call_weight: float = 2.0
    weight_a_minute: float = 6_000.0
    streams_per_connection: int = 1_024
    retention_days: float = 7.0
    fixed_cores: int = 12
    core_month: float = 25.0
    memory_gb_month: float = 3.0
    disk_gb_month: float = 0.1
    partition_step: int = 12


@dataclass(frozen=True)
class Plan:
    """`addresses`: those that polling needs at the exchange's limit. `connections`: websockets that carry the
    shortest timeframe instead, of which the others are made. Dollars a month, without traffic."""

    analyzers_average: int
    analyzers_peak: int
    partitions: int
    sinks: int
    addresses: int
    connections: int
    cache_gb: float
    topic_gb: float
    dollars_average: float
    dollars_peak: float


def plan_installation(demand: Demand, costs: Costs, limits: Limits) -> Plan:
    """Return what answers `demand`, with cores planned to `utilisation` of what was measured."""
    average = _cores(demand.average, costs.analyses_per_core, limits)
    peak = _cores(demand.peak, costs.analyses_per_core, limits)
    sinks = _cores(demand.peak, costs.rows_per_core, limits)
    cache_gb = demand.markets * len(demand.periods) * costs.series_bytes / 1e9
    topic_gb = demand.average * costs.result_bytes * DAY * limits.retention_days / 1e9
    storage = cache_gb * limits.memory_gb_month + topic_gb * limits.disk_gb_month
    fixed = (sinks + limits.fixed_cores) * limits.core_month + storage
    return Plan(
        analyzers_average=average,
        analyzers_peak=peak,
        partitions=ceil(peak / limits.partition_step) * limits.partition_step,
        sinks=sinks,
        addresses=ceil(demand.average * 60 * limits.call_weight / limits.weight_a_minute),
        connections=ceil(demand.markets / limits.streams_per_connection),
        cache_gb=cache_gb,
        topic_gb=topic_gb,
        dollars_average=fixed + average * limits.core_month,
        dollars_peak=fixed + peak * limits.core_month,
    )


def _cores(rate: float, per_core: float, limits: Limits) -> int:
    return ceil(rate / (per_core * limits.utilisation))
