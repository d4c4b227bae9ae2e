"""Creates a watch through Traefik and makes it fire, which involves prices, watcher, sink and API."""

import json
from itertools import cycle

import httpx

from tests.smoke.compose import Project, wait_until

_SECONDS = 120.0
_MOVE = """
import sys, urllib.request
ask = urllib.request.Request(
    "http://simulator:8900/simulator/price", sys.argv[1].encode(), {"content-type": "application/json"}
)
urllib.request.urlopen(ask, timeout=10)
"""


def check_watch_fires(project: Project) -> str:
    """Create a watch, move the simulated price across it until it fires, and delete it. Raises SmokeFailure."""
    with httpx.Client(base_url=project.web, timeout=15, trust_env=False) as http:
        rows = http.get("/api/v1/analysis/results", params={"symbol": "BTCUSDT", "market_type": "spot"})
        row = rows.raise_for_status().json()["data"][0]
        market = {name: row[name] for name in ("exchange", "market_type", "symbol")}
        target = round(row["last_price"] * 1.05, 2)
        body = {**market, "condition": "touch", "side": "short", "target": target, "client_key": "smoke"}
        watch = http.post("/api/v1/watches", json=body).raise_for_status().json()["data"]
        address = f"/api/v1/watches/{watch['id']}"
        # A watch is armed by a price away from its target.
        prices = cycle([target * 0.97, target * 1.03])

        def has_fired() -> bool:
            project.run_python(
                "api", _MOVE, json.dumps({"symbol": row["symbol"], "price": round(next(prices), 2)})
            )
            return bool(http.get(f"{address}/fires").raise_for_status().json()["data"])

        wait_until("the watch fired", has_fired, seconds=_SECONDS, every=4)
        http.delete(address).raise_for_status()
    return f"{row['symbol']} at {target}"
