import pytest

from runtime.tracing import continued, new_traceparent


def test_a_trace_goes_on_from_a_new_span() -> None:
    before = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    after = continued(before)
    assert after.split("-")[1] == before.split("-")[1]
    assert after.split("-")[2] != before.split("-")[2]
    assert after.endswith("-01")


@pytest.mark.parametrize("unreadable", [None, "", "00-xyz-1-01", "garbage\n"])
def test_what_is_no_trace_begins_one(unreadable: str | None) -> None:
    assert len(continued(unreadable)) == len(new_traceparent()) == 55
