"""What an operator is told whose port is taken."""

import pytest

from runtime.serving import PortTaken, bound, serving


async def test_a_taken_port_names_the_setting_that_chose_it() -> None:
    with bound("127.0.0.1", 0) as other:
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*\(STRANDLINE_HTTP_PORT\)"):
            bound("127.0.0.1", port)
        with pytest.raises(PortTaken, match=r"\(STRANDLINE_OPS_PORT\)"):
            async with serving(None, host="127.0.0.1", port=port, setting="STRANDLINE_OPS_PORT"):
                pass
