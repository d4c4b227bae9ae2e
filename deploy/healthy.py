"""The container's health check: succeeds if a path answers 200. It imports nothing of ours, to be cheap.

Without arguments it requests /readyz at the role's ops port; `healthy.py 8000 /health` requests that path.
"""

import http.client
import os
import sys

_TIMEOUT = 4.0


def main(port: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(500).decode(errors="replace")
    except OSError as error:
        text, status = str(error), 0
    else:
        status = answer.status
    finally:
        connection.close()
    sys.stdout.write(f"{path}: {status} {text}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    target = sys.argv[1:] or [os.environ.get("STRANDLINE_OPS_PORT", "9000"), "/readyz"]
    sys.exit(main(*target))
