"""Receive Strandline's webhooks: verify the signature, then act on each event once.

pip install standardwebhooks
STRANDLINE_WEBHOOK_SECRET=whsec_... python verify_webhook.py 8080
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

WEBHOOK = Webhook(os.environ["STRANDLINE_WEBHOOK_SECRET"])
MAX_BODY = 65_536
seen: set[str] = set()  # in a real receiver: a table with a unique key


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), MAX_BODY))
        try:
            # Checks the time as well: a recorded webhook that is sent again after some minutes is refused.
            event = WEBHOOK.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            self.answer(401)
            return
        webhook_id = self.headers["webhook-id"]
        if webhook_id not in seen:  # delivery is at least once
            seen.add(webhook_id)
            print(event["type"], event["symbol"], event.get("side"), event.get("price"), flush=True)
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
