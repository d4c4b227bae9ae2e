"""Tests of whole roles on the shared Kafka: they use topics and groups by their real names, so one runs at a time."""

import pytest

ON_THE_SHARED_TOPICS = pytest.mark.xdist_group("the topics by their real names")
"""With `--dist loadgroup` these stay on one of pytest's workers."""
