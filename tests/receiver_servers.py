"""Receivers on this machine: a mail server that speaks SMTP, and a webhook that speaks HTTP."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, ClassVar, Self

from demo.servers.faults import Fault
from demo.servers.http import LocalServer, Request, Response


class WebhookServer(LocalServer):
    """Takes whatever is posted as JSON. Fault: ``503``."""

    fault_names: ClassVar[frozenset[str]] = frozenset({"503"})

    def __init__(self) -> None:
        super().__init__(port=0)
        self.posts: list[dict[str, Any]] = []

    def method_of(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request, fault: Fault | None) -> Response:
        if fault is not None:
            return Response.of({"error": "try later"}, status=503)
        self.posts.append(request.json())
        return Response.of(
            {
                "status": "success",
                "dedup_key": "incident-1",
                "message": "Event processed",
                "result": "ok",
                "requestId": "r1",
                "took": 0.1,
            },
            status=202,
        )


@dataclass
class MailServer:
    """A mail server: RFC 5321 as far as one message needs it. ``refusing`` is the answer to RCPT, if not 250."""

    refusing: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mail.example.com ready")
                while line := self.rfile.readline().decode().strip():
                    verb = line[:4].upper()
                    if verb == "RCPT" and outer.refusing:
                        self._say(outer.refusing)
                    elif verb == "RCPT":
                        outer.recipients.append(line.partition(":")[2].strip(" <>"))
                        self._say("250 ok")
                    elif verb == "DATA":
                        self._data()
                    elif verb == "QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("250 mail.example.com" if verb in {"EHLO", "HELO"} else "250 ok")

            def _data(self) -> None:
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                assert isinstance(mail, EmailMessage)
                outer.mails.append(mail)
                self._say("250 queued")

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def connection(self) -> dict[str, Any]:
        """Return the Airflow connection that leads here."""
        extra = {
            "disable_tls": True,
            "disable_ssl": True,
            "from_email": "costspike@example.com",
            "retry_limit": 0,
        }
        host, port = self._server.server_address[:2]
        return {"conn_type": "smtp", "host": host, "port": port, "extra": extra}
