"""Messages of a client of the simulated streams."""

import json

from simulator.http.subscriptions import StreamSubscription, answer_message, parse_stream


def test_parse_stream_reads_binance_names() -> None:
    assert parse_stream("btcusdt@miniTicker") == StreamSubscription("BTCUSDT", "miniTicker")
    assert parse_stream("btcusdt@ticker") == StreamSubscription("BTCUSDT", "ticker")
    assert parse_stream("!miniTicker@arr") == StreamSubscription(None, "miniTicker")
    assert parse_stream("btcusdt@depth") is None
    assert parse_stream("@ticker") is None


def test_answer_message_subscribes_lists_and_unsubscribes() -> None:
    streams: set[str] = set()
    asked = {"method": "SUBSCRIBE", "params": ["a@ticker", "b@ticker"], "id": 1}
    assert json.loads(answer_message(json.dumps(asked), streams)) == {"result": None, "id": 1}
    assert streams == {"a@ticker", "b@ticker"}
    answer_message(json.dumps({"method": "UNSUBSCRIBE", "params": ["a@ticker"], "id": 2}), streams)
    listed = json.loads(answer_message(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 3}), streams))
    assert listed == {"result": ["b@ticker"], "id": 3}


def test_answer_message_rejects_invalid_messages() -> None:
    streams: set[str] = set()
    for text in ("{", "[]", '{"method": "FLY", "id": 1}', '{"method": "SUBSCRIBE", "params": [1], "id": 1}'):
        assert "error" in json.loads(answer_message(text, streams))
    assert not streams
