"""A Pine script that draws the levels of a market. Pure."""

from schemas.events import Level
from schemas.http.results import ResultDetail

_COLORS = {"support": "color.teal", "resistance": "color.red"}


def write_script(row: ResultDetail) -> str:
    """Return an indicator with a line for each level, as the result has them; it does not renew itself."""
    market = f"{row.exchange}:{row.market_type}:{row.symbol}:{row.timeframe}"
    lines = [
        "//@version=6",
        f"// Levels of {_quote(market)}, analyzed at {row.analyzed_at or row.updated_at:%Y-%m-%d %H:%M} UTC.",
        "// They hold as often as random prices at the same distance do. Export again to renew them.",
        f"indicator({_quote(f'Strandline {market}')}, overlay = true)",
        *(_draw_level(level) for level in row.levels or ()),
    ]
    if not row.levels:
        lines += [_draw_price("support", price) for price in row.support_levels]
        lines += [_draw_price("resistance", price) for price in row.resistance_levels]
    return "\n".join(lines) + "\n"


def _draw_level(level: Level) -> str:
    title = (
        f"{level.side} {level.level_id}: {level.touches} touches, {level.bounces} held, {level.breaks} broke"
    )
    return _draw_line(level.price, title, level.side)


def _draw_price(side: str, price: float) -> str:
    return _draw_line(price, side, side)


def _draw_line(price: float, title: str, side: str) -> str:
    return f"hline({price:.12g}, {_quote(title)}, {_COLORS[side]}, hline.style_solid)"


def _quote(text: str) -> str:
    """Return a literal of a text, which another backend may have written, in one line."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
