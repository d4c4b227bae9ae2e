"""Faults that strike at once break different things, and records that Kafka lost are not counted as missing."""

from datetime import timedelta
from random import Random

from broker.ports import Partition
from tests.faults.test_checker import CLEAN, NOON
from tests.support.faults.facts import OutcomeRecord, keep_known
from tests.support.faults.several_faults import FAMILIES, choose_faults


def test_choose_faults_takes_each_from_another_family() -> None:
    for seed in range(50):
        chosen = choose_faults(Random(seed), 3)
        families = {index for index, family in enumerate(FAMILIES) for fault in chosen if fault in family}
        assert len(families) == len(chosen) == 3


def test_keep_known_leaves_out_what_kafka_may_have_lost() -> None:
    after_all = CLEAN.asked["a"].expires_at
    assert keep_known(CLEAN.asked, [], after_all) == {}


def test_keep_known_keeps_requests_that_ended() -> None:
    ending = OutcomeRecord(Partition("strandline.failures.v1", 0), 0, "failed", ("a",), "expired")
    assert set(keep_known(CLEAN.asked, [ending], CLEAN.asked["a"].expires_at)) == {"a"}


def test_keep_known_keeps_requests_sent_after_the_loss() -> None:
    sent_at = NOON
    assert keep_known(CLEAN.asked, [], sent_at - timedelta(seconds=1)) == CLEAN.asked
