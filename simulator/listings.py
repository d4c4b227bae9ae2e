"""The pairs traded on the simulated exchange."""

from dataclasses import dataclass

from schemas.market import MarketType


@dataclass(frozen=True, slots=True)
class Listing:
    """A pair against USDT. `decimals` of the price define the tick; `price` is a synthetic market's typical one."""

    base: str
    price: float = 1.0
    decimals: int = 8
    quote: str = "USDT"
    trading: bool = True

    @property
    def symbol(self) -> str:
        return self.base + self.quote


@dataclass(frozen=True, slots=True)
class SimulatedMarket:
    """A listing as a spot market, or as a linear perpetual."""

    listing: Listing
    market_type: MarketType


def make_listings(count: int) -> tuple[Listing, ...]:
    """Return the first `count` of SYNTHETIC, and further pairs like `C0042USDT` after them."""
    further = (
        Listing(f"C{number:04}", 0.5 * 1.01 ** (number % 900), 4)
        for number in range(max(0, count - len(SYNTHETIC)))
    )
    return (*SYNTHETIC[:count], *further)


SYNTHETIC = (
    *(
        Listing(base, price, decimals)
        for base, price, decimals in (
            ("BTC", 64_000, 2), ("ETH", 3_300, 2), ("BNB", 590, 2), ("SOL", 152, 2), ("XRP", 0.58, 4),
            ("DOGE", 0.124, 5), ("ADA", 0.42, 4), ("AVAX", 31, 2), ("DOT", 6.1, 3), ("LINK", 14.2, 2),
            ("LTC", 81, 2), ("BCH", 392, 1), ("TRX", 0.128, 4), ("ATOM", 7.3, 3), ("UNI", 8.4, 3),
            ("ETC", 23.5, 2), ("XLM", 0.103, 4), ("NEAR", 5.2, 3), ("APT", 8.9, 2), ("ARB", 0.81, 4),
            ("OP", 1.72, 3), ("FIL", 4.6, 3), ("ICP", 9.1, 3), ("AAVE", 97, 2), ("MKR", 2_450, 0),
            ("SAND", 0.34, 4), ("ALGO", 0.147, 4), ("SHIB", 0.0000183, 8), ("PEPE", 0.0000104, 8),
            ("FLOKI", 0.000161, 8), ("BONK", 0.0000247, 8), ("INJ", 22.4, 2), ("SUI", 1.05, 4),
            ("TIA", 7.2, 3), ("SEI", 0.43, 4), ("PAXG", 2_390, 0), ("BTTC", 0.0000085, 8),
        )
    ),
    Listing("LUNA", 60, 2, trading=False),
)  # fmt: skip
"""Prices of very different size, ticks from fine to coarse (BTTC's is 0.1 % of its price), one closed market."""
