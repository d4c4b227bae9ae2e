"""Access dead letters through the API of a running `up`, whose broker no other process can reach."""

from base64 import b64decode
from collections.abc import Iterable, Sequence

from broker.dead_letters.reading import DeadLetterAddress, DeadLetterRecord
from broker.dead_letters.store import DeadLetterRange, ReplayResult
from broker.ports import Record
from schemas.http.dead_letters import (
    DeadLetter,
    DeadLetterList,
    DeadLetterReplay,
    DeadLetterResponse,
    DeadLetterSpanList,
)
from schemas.topics import DEAD_LETTERS
from schemas.values import to_ms
from strandline.api_client import ApiClient

_PATH = "/api/v1/dead-letters"


class RemoteDeadLetterStore:
    """A DeadLetterStore over HTTP; its calls raise ApiError."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def list_newest(self, limit: int) -> tuple[Sequence[DeadLetterRecord], int]:
        """Return the newest, at most as many as one page of the API holds, and their total."""
        answer = DeadLetterList.model_validate(await self._api.json("GET", _PATH, params={"limit": limit}))
        return [_to_letter(shown) for shown in answer.data], answer.total

    async def load(self, address: DeadLetterAddress) -> DeadLetterRecord:
        answer = DeadLetterResponse.model_validate(await self._api.json("GET", f"{_PATH}/{address}"))
        return _to_letter(answer.data)

    async def replay(self, address: DeadLetterAddress | None) -> ReplayResult:
        params = {} if address is None else {"address": str(address)}
        answer = await self._api.json("POST", f"{_PATH}/replay", params=params)
        replayed = DeadLetterReplay.model_validate(answer)
        return ReplayResult(replayed.published, replayed.failed)

    async def find_ranges(self, up_to: DeadLetterAddress | None) -> Sequence[DeadLetterRange]:
        params = {} if up_to is None else {"up_to": str(up_to)}
        answer = DeadLetterSpanList.model_validate(
            await self._api.json("GET", f"{_PATH}/spans", params=params)
        )
        return [DeadLetterRange(**span.model_dump()) for span in answer.data]

    async def drop(self, ranges: Iterable[DeadLetterRange]) -> None:
        up_to = [str(DeadLetterAddress(span.partition, span.last)) for span in ranges]
        await self._api.json("DELETE", _PATH, params={"up_to": up_to})


def _to_letter(shown: DeadLetter) -> DeadLetterRecord:
    partition, offset = DeadLetterAddress.parse(shown.address)
    record = Record(
        topic=DEAD_LETTERS.name,
        partition=partition,
        offset=offset,
        key=_decode(shown.key),
        value=_decode(shown.value),
        headers=tuple((header.name, b64decode(header.value)) for header in shown.headers),
        timestamp_ms=to_ms(shown.arrived_at),
    )
    return DeadLetterRecord.of(record)


def _decode(written: str | None) -> bytes | None:
    return None if written is None else b64decode(written)
