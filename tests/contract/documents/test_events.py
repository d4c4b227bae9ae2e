"""Events as the code publishes them, against the published schemas in ajv, a validator of other people's programs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from schemas.market import Market
from schemas.topics import Encoded, encode_completed, encode_failed, encode_watch_event
from tests.support.events import make_completed, make_failed, make_fired, make_level

FOLDER = Path(__file__).parent
PUBLISHED = FOLDER.parents[1] / "data/analyzer/published.json"


@pytest.fixture(scope="module")
def node() -> str:
    """Return Node's path; the test is skipped where `make check-documents` has not installed ajv."""
    found = shutil.which("node")
    if found is None or not (FOLDER / "node_modules/.ready").exists():
        pytest.skip("needs Node, and the validators that `make check-documents` installs")
    return found


def find_errors(node: str, messages: list[dict[str, Any]]) -> list[str]:
    ran = subprocess.run(
        [node, FOLDER / "validate.js", "--events"],
        check=False,
        input=json.dumps(messages),
        capture_output=True,
        text=True,
    )
    assert ran.returncode in {0, 1}
    return ran.stderr.splitlines()


def to_message(record: Encoded) -> dict[str, Any]:
    headers = {name: value.decode() for name, value in record.headers}
    name = headers["ce_type"].split(".")[1]
    return {"name": name, "headers": headers, "payload": json.loads(record.value)}


def test_published_events_pass_ajv(node: str) -> None:
    records = [record for published in json.loads(PUBLISHED.read_text()).values() for record in published]
    messages = [
        {
            "name": dict(record["headers"])["ce_type"].split(".")[1],
            "headers": dict(record["headers"]),
            "payload": json.loads(record["value"]),
        }
        for record in records
    ]
    assert len(messages) > 1
    assert find_errors(node, messages) == []


def test_unusual_events_pass_ajv(node: str) -> None:
    chinese = Market.of("binance", "币安人生USDT")
    records = [
        encode_completed(
            make_completed(chinese, levels=(), support_levels=()), source="/strandline/analyzer"
        ),
        encode_completed(
            make_completed(
                levels=(make_level(1.83e-9, p_reach_24=1.0, p_reach_100=1e-12),), notes=("1 gap",)
            ),
            source="/strandline/analyzer",
        ),
        encode_failed(make_failed(None), source="/strandline/analyzer"),
        encode_failed(make_failed(chinese, request_ids=["a", "b"]), source="/strandline/analyzer"),
        encode_watch_event(make_fired(), source="/strandline/watcher"),
    ]
    assert find_errors(node, [to_message(record) for record in records]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"last_price": "65432.1"},
        {"request_ids": []},
        {"candle_at": "yesterday"},
        {"market": {"exchange": "binance", "symbol": "BTC/USDT", "market_type": "spot", "timeframe": "1h"}},
    ],
)
def test_ajv_refuses_invalid_event(node: str, change: dict[str, Any]) -> None:
    message = to_message(encode_completed(make_completed(), source="/strandline/analyzer"))
    assert len(find_errors(node, [message | {"payload": message["payload"] | change}])) >= 1


def test_ajv_refuses_headers_of_another_event(node: str) -> None:
    message = to_message(encode_failed(make_failed(), source="/strandline/analyzer"))
    message["headers"]["ce_type"] = "strandline.AnalysisCompleted.v1"
    assert len(find_errors(node, [message])) == 1
