"""LruDict: which entries it keeps, and how much they may weigh."""

from runtime.lru import LruDict


def test_lru_dict_drops_the_least_recently_used_entry() -> None:
    entries: LruDict[str, int] = LruDict(2)
    entries.put("a", 1)
    entries.put("b", 2)
    assert entries.get("a") == 1
    entries.put("c", 3)
    assert ("a" in entries, "b" in entries, "c" in entries) == (True, False, True)
    assert len(entries) == 2


def test_lru_dict_bounds_the_total_weight() -> None:
    entries: LruDict[str, bytes] = LruDict(10, len)
    entries.put("a", bytes(4))
    entries.put("b", bytes(4))
    entries.put("c", bytes(5))
    assert "a" not in entries
    assert entries.weight == 9


def test_lru_dict_replaces_the_weight_of_an_entry_put_twice() -> None:
    entries: LruDict[str, bytes] = LruDict(10, len)
    entries.put("a", bytes(8))
    entries.put("a", bytes(3))
    assert (len(entries), entries.weight) == (1, 3)


def test_lru_dict_does_not_keep_an_entry_above_its_bound() -> None:
    entries: LruDict[str, bytes] = LruDict(10, len)
    entries.put("a", bytes(4))
    entries.put("b", bytes(11))
    assert ("a" in entries, "b" in entries) == (True, False)


def test_lru_dict_drop_ignores_an_unknown_key() -> None:
    entries: LruDict[str, int] = LruDict(2)
    entries.drop("a")
    assert entries.get("a") is None
    assert entries.weight == 0
