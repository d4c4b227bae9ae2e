"""Parameters: the documented defaults, clear refusals, a hash that means equality."""

import subprocess
import sys
from typing import Any

import pytest

from levels import InvalidParams, Params


def test_params_defaults_are_the_documented_ones() -> None:
    params = Params()
    assert params.windows == (5, 10, 20, 30)
    assert (params.weight_touches, params.weight_volume) == (3.0, 1.5)
    assert (params.tolerance, params.distance_near, params.distance_far) == (0.005, 0.01, 0.10)
    assert params.per_side == 5


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"tolerence": 0.01}, "unknown parameter tolerence"),
        ({"tolerance": "wide"}, "tolerance: 'wide' is not a number"),
        ({"tolerance": 0}, "tolerance: 0 is not in"),
        ({"max_hole": 10**400}, "max_hole: 1.* is not in"),
        ({"min_touches": -1}, "min_touches: -1 is not in"),
        ({"min_touches": 10**400}, "min_touches: 1.* is not in"),
        ({"tolerance": float("nan")}, "tolerance: nan is not a number"),
        ({"per_side": True}, "per_side: True is not a whole number"),
        ({"per_side": 6}, "per_side: 6 is not in"),
        ({"windows": [5, 5]}, "windows: .* must ascend"),
        ({"windows": []}, "windows: .* needs 1 to 16"),
        ({"windows": 5}, "windows: 5 is not a list"),
        ({"windows": [5, "10"]}, "windows: .* is not a list of whole numbers"),
        ({"method": "magic"}, "method: 'magic' is none of"),
        ({"tolerance_atr": 0}, "tolerance_atr: 0 is not in"),
        ({"distance_near": 0.5}, "distance_near: 0.5 is not in"),
        ({"weight_volume": -1}, "weight_volume: -1 is not in"),
        ({3: 4}, "unknown parameter 3"),
    ],
)
def test_params_error_names_the_bad_parameter(values: dict[Any, Any], text: str) -> None:
    with pytest.raises(InvalidParams, match=text):
        Params.from_dict(values)


def test_params_hash_is_equal_for_equal_values() -> None:
    assert Params.from_dict({"weight_touches": 3, "windows": [5, 10, 20, 30]}).hash == Params().hash
    assert Params(tolerance=0.006).hash != Params().hash


def test_params_hash_is_equal_in_another_process() -> None:
    command = [sys.executable, "-c", "from levels import Params; print(Params().hash)"]
    assert subprocess.check_output(command, text=True).strip() == Params().hash


def test_params_name_the_first_of_many_unknown_parameters() -> None:
    with pytest.raises(InvalidParams) as raised:
        Params.from_dict({f"{number}" * 1_000: 1 for number in range(1, 10)})
    assert ", ...; there are" in str(raised.value)
    assert len(str(raised.value)) < 1_000
