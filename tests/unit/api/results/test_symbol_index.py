from hypothesis import given
from hypothesis import strategies as st

from api.http.symbol_query import normalize_query
from api.results import symbol_index
from api.results.symbol_index import Candidates, SymbolIndex

symbols = st.lists(st.text("ABab/-_1é\n", max_size=6) | st.none(), max_size=12)


@given(symbols, st.text("ABab1", min_size=1, max_size=3))
def test_candidates_contain_every_match_and_no_other_plain_symbol(names: list[str | None], text: str) -> None:
    part = normalize_query(text)
    assert part is not None
    found = SymbolIndex(100, enumerate(names, 1)).find(part)
    assert found is not None
    assert len(set(found.ids)) == len(found.ids)
    for row_id, name in enumerate(names, 1):
        if name is None or "é" in name or "\n" in name:
            assert row_id in found.ids
        else:
            plain = name.upper().replace("/", "").replace("-", "").replace("_", "")
            assert (part in plain) == (row_id in found.ids)


def test_rows_beyond_the_last_id_are_left_to_the_table() -> None:
    index = SymbolIndex(7, [(3, "BTC/USDT"), (9, "BTCEUR")])
    assert index.find("BTC") == Candidates([3], 7)


def test_part_of_other_letters_scans_the_table() -> None:
    assert SymbolIndex(7, [(3, "BTCUSDT")]).find("É") is None


def test_part_of_too_many_symbols_scans_the_table() -> None:
    maximum = symbol_index._MAX_CANDIDATES
    rows = [(number, f"C{number}USDT") for number in range(1, maximum + 2)]
    assert SymbolIndex(maximum + 1, rows).find("USDT") is None
    found = SymbolIndex(maximum + 1, rows[:-1]).find("USDT")
    assert found is not None
    assert found.ids == list(range(1, maximum + 1))
