"""Which levels have entered and left the answer to a question since the answer before. Pure."""

from typing import NamedTuple

from api.levels.question import NearAnswer, NearHit


class MembershipChange(NamedTuple):
    """Levels of the answer that the one before did not have, the reverse, and the number that match now."""

    entered: list[NearHit]
    left: list[NearHit]
    total: int


class Membership:
    """The last answer to one question. At first it is empty: all levels of the first answer enter."""

    def __init__(self) -> None:
        self._hits: dict[tuple[str, str], NearHit] | None = None

    def update(self, answer: NearAnswer) -> MembershipChange | None:
        """Return what has changed; None if the answer has the same levels. The first answer always is a change."""
        before, after = self._hits or {}, {_to_key(hit): hit for hit in answer.hits}
        is_first, self._hits = self._hits is None, after
        if not is_first and before.keys() == after.keys():
            return None
        return MembershipChange(
            [hit for key, hit in after.items() if key not in before],
            [hit for key, hit in before.items() if key not in after],
            answer.total,
        )


def _to_key(hit: NearHit) -> tuple[str, str]:
    return hit.level.market.key, hit.level.level_id
