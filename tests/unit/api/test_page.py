import re

from httpx import AsyncClient


async def test_the_page_stands_alone(client: AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert 'testid = "result"' in answer.text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text)
    assert "innerHTML" not in answer.text
