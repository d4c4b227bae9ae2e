"""`exchangeInfo` of both systems, with the fields that clients read."""

from collections.abc import Sequence

from simulator.http.kline_query import text
from simulator.listings import Listing

_NEVER_MS = 4_133_404_800_000
"""The delivery date that Binance gives perpetuals."""


def spot_info(listings: Sequence[Listing], now: int, weight_limit: int) -> dict[str, object]:
    return _info_fields(now, weight_limit) | {
        "exchangeFilters": [],
        "symbols": [_spot_entry(listing) for listing in listings],
    }


def futures_info(listings: Sequence[Listing], now: int, weight_limit: int) -> dict[str, object]:
    assets = sorted({listing.quote for listing in listings})
    return _info_fields(now, weight_limit) | {
        "futuresType": "U_MARGINED",
        "exchangeFilters": [],
        "assets": [{"asset": asset, "marginAvailable": True, "autoAssetExchange": "0"} for asset in assets],
        "symbols": [_perpetual_entry(listing) for listing in listings],
    }


def empty_info(now: int) -> dict[str, object]:
    """Return the coin-margined futures: an empty list."""
    return _info_fields(now, 2_400) | {"exchangeFilters": [], "symbols": []}


def _info_fields(now: int, weight_limit: int) -> dict[str, object]:
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight_limit}
    return {"timezone": "UTC", "serverTime": now, "rateLimits": [limit]}


def _filters(listing: Listing) -> list[dict[str, object]]:
    tick = text(10.0**-listing.decimals)
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick},
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.00100000",
            "maxQty": "9000000.00000000",
            "stepSize": "0.00100000",
        },
    ]


def _common_fields(listing: Listing) -> dict[str, object]:
    return {
        "symbol": listing.symbol,
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "baseAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
    }


def _spot_entry(listing: Listing) -> dict[str, object]:
    notional = {"filterType": "NOTIONAL", "minNotional": "5.00000000", "maxNotional": "9000000.00000000"}
    return _common_fields(listing) | {
        "status": "TRADING" if listing.trading else "BREAK",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "isSpotTradingAllowed": listing.trading,
        "isMarginTradingAllowed": False,
        "filters": [*_filters(listing), notional],
        "permissions": [],
        "permissionSets": [["SPOT"]],
    }


def _perpetual_entry(listing: Listing) -> dict[str, object]:
    return _common_fields(listing) | {
        "pair": listing.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": 1_514_764_800_000,
        "status": "TRADING" if listing.trading else "SETTLING",
        "marginAsset": listing.quote,
        "pricePrecision": listing.decimals,
        "quantityPrecision": 3,
        "quotePrecision": 8,
        "filters": [*_filters(listing), {"filterType": "MIN_NOTIONAL", "notional": "5"}],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
