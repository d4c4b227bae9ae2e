import pytest

from api.http.parameters import clamp


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 10), (0, 10), (-3, 10), (1, 1), (100, 100), (101, 100), (10**9, 100)]
)
def test_clamp_keeps_values_in_range(asked: int | None, given: int) -> None:
    assert clamp(asked, default=10, maximum=100) == given
