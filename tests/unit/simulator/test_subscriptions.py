"""What a client of the simulated streams may say."""

import json

from simulator.subscriptions import Followed, answered, followed


def test_binances_names_of_streams_are_read() -> None:
    assert followed("btcusdt@miniTicker") == Followed("BTCUSDT", "miniTicker")
    assert followed("btcusdt@ticker") == Followed("BTCUSDT", "ticker")
    assert followed("!miniTicker@arr") == Followed(None, "miniTicker")
    assert followed("btcusdt@depth") is None
    assert followed("@ticker") is None


def test_a_client_subscribes_lists_and_leaves() -> None:
    streams: set[str] = set()
    asked = {"method": "SUBSCRIBE", "params": ["a@ticker", "b@ticker"], "id": 1}
    assert json.loads(answered(json.dumps(asked), streams)) == {"result": None, "id": 1}
    assert streams == {"a@ticker", "b@ticker"}
    answered(json.dumps({"method": "UNSUBSCRIBE", "params": ["a@ticker"], "id": 2}), streams)
    listed = json.loads(answered(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 3}), streams))
    assert listed == {"result": ["b@ticker"], "id": 3}


def test_what_it_cannot_mean_is_an_error() -> None:
    streams: set[str] = set()
    for said in ("{", "[]", '{"method": "FLY", "id": 1}', '{"method": "SUBSCRIBE", "params": [1], "id": 1}'):
        assert "error" in json.loads(answered(said, streams))
    assert not streams
