"""A watch made through Traefik: prices, watcher, sink and API each have their part in its firing."""

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
    """Makes one, moves the simulated price past it until it fired, and deletes it. Raises Trouble."""
    with httpx.Client(base_url=project.web, timeout=15, trust_env=False) as http:
        rows = http.get("/api/v1/analysis/results", params={"symbol": "BTCUSDT", "market_type": "spot"})
        row = rows.raise_for_status().json()["data"][0]
        place = {name: row[name] for name in ("exchange", "market_type", "symbol")}
        target = round(row["last_price"] * 1.05, 2)
        asked = {**place, "condition": "touch", "side": "short", "target": target, "client_key": "smoke"}
        made = http.post("/api/v1/watches", json=asked).raise_for_status().json()["data"]
        address = f"/api/v1/watches/{made['id']}"
        # A price must have been away from the target before it can come to it.
        prices = cycle([target * 0.97, target * 1.03])

        def fired() -> bool:
            project.python(
                "api", _MOVE, json.dumps({"symbol": row["symbol"], "price": round(next(prices), 2)})
            )
            return bool(http.get(f"{address}/fires").raise_for_status().json()["data"])

        wait_until("the watch fired", fired, seconds=_SECONDS, every=4)
        http.delete(address).raise_for_status()
    return f"{row['symbol']} at {target}"
