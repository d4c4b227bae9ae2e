"""The patterns of the published contracts, in Python and in JavaScript."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from api import openapi
from schemas.contracts import generate
from schemas.market import Market

TEXTS = (
    "BTCUSDT",
    "1000PEPEUSDT",
    "币安人生USDT",
    "ÄÖUSDT",
    "BTC/USDT",
    "BTC_USDT",
    "btc usdt",
    "B",
    "",
    "my-7:a.b",
    "sim",
)
SYMBOLS = ("BTCUSDT", "1000PEPEUSDT", "币安人生USDT")
SCRIPT = """
const [patterns, texts] = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(patterns.map((one) => texts.map((text) => new RegExp(one, "u").test(text)))));
"""


def find_patterns(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["pattern"]} if isinstance(value.get("pattern"), str) else set()
        return own.union(*(find_patterns(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(find_patterns(inner) for inner in value))
    return set()


@pytest.fixture(scope="module")
def patterns() -> list[str]:
    documents = generate.build_documents() | openapi.build_document()
    found = [find_patterns(json.loads(text)) for name, text in documents.items() if name.endswith(".json")]
    return sorted(set().union(*found))


def test_patterns_match_the_same_texts_in_javascript(patterns: list[str]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    ran = subprocess.run(
        [node, "-e", SCRIPT], input=json.dumps([patterns, TEXTS]), capture_output=True, text=True, check=True
    )
    in_python = [[re.search(pattern, text) is not None for text in TEXTS] for pattern in patterns]
    assert json.loads(ran.stdout) == in_python


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_symbol_pattern_allows_every_stored_symbol(symbol: str) -> None:
    pattern = Market.model_json_schema()["properties"]["symbol"]["pattern"]
    assert re.search(pattern, Market.of("binance", symbol).symbol)
    assert not re.search(pattern, f"{symbol}_")
