"""The size of an installation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.plan import Costs, Demand, Limits, plan_installation

DEMAND = Demand(10_000, (60, 300, 900, 3_600, 14_400, 86_400))
COSTS = Costs(analyses_per_core=200, rows_per_core=500, result_bytes=1_500, series_bytes=96_000)


def test_demand_adds_the_candles_of_every_timeframe() -> None:
    assert Demand(60, (60, 3_600)).average == pytest.approx(1 + 1 / 60)
    assert DEMAND.average == pytest.approx(214.7, rel=0.001)
    assert DEMAND.peak == 1_000


def test_plan_of_ten_thousand_markets() -> None:
    plan = plan_installation(DEMAND, COSTS, Limits())
    assert (plan.analyzers_average, plan.analyzers_peak, plan.sinks) == (2, 8, 3)
    assert (plan.partitions, plan.addresses, plan.connections) == (12, 5, 10)
    assert plan.cache_gb == pytest.approx(5.76)
    assert plan.topic_gb == pytest.approx(214.7 * 1_500 * 86_400 * 7 / 1e9, rel=0.001)


def test_plan_bills_cores_memory_and_disk() -> None:
    free = Limits(core_month=0, memory_gb_month=0, disk_gb_month=0)
    assert plan_installation(DEMAND, COSTS, free).dollars_peak == 0
    disk = plan_installation(DEMAND, COSTS, Limits(core_month=0, memory_gb_month=0, disk_gb_month=1))
    assert disk.dollars_peak == pytest.approx(disk.topic_gb)


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_plan_grows_with_the_markets(few: int, more: int) -> None:
    few, more = sorted((few, more))
    small = plan_installation(Demand(few, DEMAND.periods), COSTS, Limits())
    large = plan_installation(Demand(more, DEMAND.periods), COSTS, Limits())
    assert small.analyzers_peak <= large.analyzers_peak
    assert small.dollars_average <= large.dollars_average
    assert large.partitions >= large.analyzers_peak
