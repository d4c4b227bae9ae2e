"""Rows of history, without a database."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from consumers.sink.history import unite_history
from consumers.sink.rows import to_history_values, to_payload
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_market

EVENTS = st.builds(
    lambda symbol, hours, at, hashes, ids: make_completed(
        make_market(symbol),
        candle_at=CANDLE + hours * HOUR_MS,
        analyzed_at=at,
        params_hash=hashes[0],
        candles_hash=hashes[1],
        request_ids=[ids],
    ),
    st.sampled_from(["BTCUSDT", "ETHUSDT"]),
    st.integers(0, 2),
    st.sampled_from([NOON, datetime(2025, 11, 22, 13, tzinfo=UTC)]),
    st.tuples(st.sampled_from("ab"), st.sampled_from("ab")),
    st.sampled_from(["r1", "r2"]),
)


@given(st.lists(EVENTS, max_size=12))
def test_unite_history_returns_one_line_an_analysis_sorted_by_key(events: list) -> None:  # type: ignore[type-arg]
    lines = unite_history(to_history_values(event, to_payload(event), NOON) for event in events)
    keys = [
        (line["market"], line["candle_at"], line["analyzed_at"], line["params_hash"], line["candles_hash"])
        for line in lines
    ]
    assert keys == sorted(set(keys))
    assert len(keys) == len(
        {(e.market.key, e.candle_at, e.analyzed_at, e.params_hash, e.candles_hash) for e in events}
    )
