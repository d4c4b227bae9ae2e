"""Which members of a group certainly have no process any more."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.kafka.predecessor import ProcessName, find_dead, is_running, own_process

OWN = ProcessName("node-1.example", 7, "own")


@given(
    st.from_regex(r"[a-z0-9][a-z0-9.-]*", fullmatch=True),
    st.integers(1, 10**7),
    st.text("0123456789abcdef", min_size=1),
)
def test_process_name_survives_its_client_id(host: str, pid: int, token: str) -> None:
    name = ProcessName(host, pid, token)
    assert ProcessName.parse(name.client_id) == name


@pytest.mark.parametrize(
    "client_id", ["", "strandline", "aiokafka-0.14", "rdkafka-a-7-b", "strandline-7-b", "strandline-a-x-b"]
)
def test_foreign_client_ids_name_no_process(client_id: str) -> None:
    assert ProcessName.parse(client_id) is None


@pytest.mark.parametrize(
    ("other", "dead"),
    [
        (ProcessName(OWN.host, OWN.pid, "before"), True),  # a container's process ids repeat
        (ProcessName(OWN.host, 8, "before"), True),
        (ProcessName(OWN.host, 9, "sibling"), False),  # runs
        (OWN, False),
        (ProcessName("node-2.example", 8, "elsewhere"), False),
    ],
)
def test_member_is_dead_if_its_process_on_this_host_is_gone(other: ProcessName, dead: bool) -> None:
    found = find_dead([("id", other.client_id), ("foreign", "rdkafka")], OWN, lambda pid: pid == 9)
    assert found == (["id"] if dead else [])


def test_this_process_is_running() -> None:
    assert is_running(os.getpid())
    assert own_process().pid == os.getpid()


def test_process_of_another_user_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    monkeypatch.setattr(os, "kill", refuse)
    assert is_running(1)
