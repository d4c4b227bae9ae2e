"""The colours and words of a level chart. The colours are those of the pages (`web/src/styles/tokens.css`)."""

from dataclasses import dataclass
from pathlib import Path

from api.chart_image.chart import Language, Theme

CHINESE_FONT = Path(__file__).parent / "words-zh.otf"
"""The Chinese characters of the words below, from Noto Sans CJK SC (licence: `words-zh.OFL.txt`).

After a change of the words: `pyftsubset NotoSansCJK-Regular.ttc --font-number=2 --text=... --output-file=words-zh.otf`.
"""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme."""

    ground: str
    text: str
    muted: str
    up: str
    down: str
    support: str
    resistance: str


COLOURS: dict[Theme, Colours] = {
    "light": Colours("#ffffff", "#16212c", "#566675", "#5b8f7b", "#c08378", "#0a7a54", "#c02b38"),
    "dark": Colours("#0b0f14", "#dde5ee", "#93a1b1", "#4f8f7a", "#a8656b", "#2ec28f", "#f2717a"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; templates for `str.format`."""

    support: str
    resistance: str
    bounced: str
    broke: str
    undecided: str
    last_price: str
    one_visit: str
    visits: str
    bounces: str
    reach: str
    no_levels: str


WORDS: dict[Language, Words] = {
    "en": Words(
        support="support",
        resistance="resistance",
        bounced="bounced",
        broke="broke through",
        undecided="still there",
        last_price="{title}, last price {price}",
        one_visit="1 visit",
        visits="{count} visits",
        bounces="{count} bounced",
        reach="reach {share}",
        no_levels="no levels: {note}",
    ),
    "zh": Words(
        support="支撑",
        resistance="阻力",
        bounced="守住",
        broke="突破",
        undecided="仍在该处",
        last_price="{title}，最新价 {price}",
        one_visit="触及 1 次",
        visits="触及 {count} 次",
        bounces="守住 {count} 次",
        reach="到达 {share}",
        no_levels="没有价位：{note}",
    ),
}
