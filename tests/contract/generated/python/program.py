# mypy: ignore-errors
"""Reads the result with the id that is given through the client that openapi-python-client made; prints its prices."""

import json
import sys

from strandline_client.api.analysis import get_result
from strandline_client.client import Client
from strandline_client.models import ResultResponse

answer = get_result.sync(int(sys.argv[2]), client=Client(base_url=sys.argv[1]))
assert isinstance(answer, ResultResponse), answer
result = answer.data
prices = [result.last_price, *result.support_levels, *result.resistance_levels]
sys.stdout.write(json.dumps(prices + [level.price for level in result.levels or ()]))
