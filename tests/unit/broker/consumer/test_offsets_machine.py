"""Random interleavings of fetch, finish, fail, revoke, reassign and commit.

A commit never passes an unfinished offset, and nothing finished in a revoked epoch is committed.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.offset_tracker_model import LedgerModel

numbers = st.integers(0, 29)


class Interleavings(RuleBasedStateMachine):
    """Readable runs: hypothesis shrinks a failure to the few steps that make it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = LedgerModel()

    @rule(number=numbers)
    def assign(self, number: int) -> None:
        self.model.assign(number)

    @rule(number=numbers)
    def revoke(self, number: int) -> None:
        self.model.revoke(number)

    @rule(number=numbers)
    def fetch(self, number: int) -> None:
        self.model.fetch(number)

    @rule(number=numbers)
    def finish(self, number: int) -> None:
        self.model.finish(number)

    @rule(number=numbers)
    def fail(self, number: int) -> None:
        self.model.fail(number)

    @rule()
    def send_commit(self) -> None:
        self.model.send_commit(0)

    @rule(number=numbers)
    def commit_arrives(self, number: int) -> None:
        self.model.commit_arrives(number)

    @invariant()
    def holds(self) -> None:
        self.model.check()


Interleavings.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestInterleavings = Interleavings.TestCase


@settings(max_examples=10_000, deadline=None)
@given(st.binary(min_size=20, max_size=40))
def test_tracker_agrees_with_its_model_in_ten_thousand_interleavings(run: bytes) -> None:
    """The same steps, a byte each: cheap enough for many."""
    model = LedgerModel()
    model.assign(0)
    model.assign(1)
    steps = model.steps
    for byte in run:
        steps[byte % len(steps)](byte // len(steps))
        model.check()
