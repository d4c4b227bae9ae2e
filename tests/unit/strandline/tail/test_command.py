"""`strandline tail`: lines and start positions."""

from datetime import UTC, datetime

import pytest

from broker.ports import Edge
from strandline.tail.command import format_line
from strandline.tail.start import InvalidStart, parse_start
from tests.unit.schemas.test_events import completed


def test_tail_prints_a_result_as_one_line() -> None:
    shown = {
        "topic": "strandline.results.v1",
        "partition": 1,
        "offset": 7,
        "value": completed().model_dump(mode="json"),
    }
    assert (
        format_line(shown)
        == "results/1@7  binance:spot:BTCUSDT:1h  65432.1  support [64000.5]  resistance []"
    )


def test_tail_start_is_an_edge_or_a_time() -> None:
    assert parse_start("beginning") is Edge.BEGINNING
    assert parse_start("2026-11-22T13:00:00Z") == datetime(2026, 11, 22, 13, tzinfo=UTC)
    with pytest.raises(InvalidStart, match="beginning, end, or a time"):
        parse_start("yesterday")
