"""The base of the local servers: real HTTP on 127.0.0.1, with a log of what was asked."""

import json
import logging
import socket
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from demo.servers.faults import (
    ANSWER_HANGS,
    ANSWER_LOST,
    HANG,
    MALFORMED,
    NONE,
    RESET,
    TRANSPORT_FAULTS,
    Fault,
    FaultQueue,
)

HOST = "127.0.0.1"
LOGGER = logging.getLogger(__name__)


class ConnectionDroppedError(Exception):
    """Raised by a server to close the connection without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object, an empty one where there is no body.

        Raises:
            ValueError: The body is no JSON object.
        """
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            msg = f"the body is a JSON {type(value).__name__}, expected an object"
            raise ValueError(msg)  # noqa: TRY004 - one kind of error for one cause: a bad body
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer; ``claimed_length`` replaces Content-Length, to promise more than is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed_length: int | None = None

    @classmethod
    def of(cls, payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """Return an answer with a JSON body."""
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return cls(status=status, body=json.dumps(payload).encode(), headers={**kind, **(headers or {})})


class LocalServer(ABC):
    """A server that runs between ``start`` and ``stop``, or as a context manager."""

    fault_names: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, port: int = 0) -> None:
        """Prepare a server; port 0 takes a free port at every start."""
        self.faults = FaultQueue(TRANSPORT_FAULTS | self.fault_names)
        self._port = port
        self._lock = threading.RLock()
        self._requests: list[Request] = []
        self._closing = threading.Event()
        self._http: _HttpServer | None = None

    @property
    def url(self) -> str:
        """Return the base address, without a slash at the end; the server must be running."""
        if self._http is None:
            msg = f"{type(self).__name__} is not running; call start() or use it in a with statement"
            raise RuntimeError(msg)
        return f"http://{HOST}:{self._http.server_port}"

    @property
    def requests(self) -> list[Request]:
        """Return every request so far, oldest first, those that met a fault included."""
        with self._lock:
            return list(self._requests)

    def start(self) -> Self:
        """Listen and answer, each connection in its own thread."""
        self._closing.clear()
        self._http = _HttpServer(self, self._port)
        loop = {"poll_interval": 0.02}
        name = f"{type(self).__name__}:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs=loop, name=name, daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening, wake up hanging answers and close every connection; may be called twice."""
        if self._http is None:
            return
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._http.drop_connections()
        self._http = None

    def __enter__(self) -> Self:
        """Start the server."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    def serve(self, request: Request) -> Response:
        """Log the request, let it meet its fault and return the answer.

        Raises:
            ConnectionDroppedError: There is no answer; the connection is to be closed.
        """
        with self._lock:
            self._requests.append(request)
        fault = self.faults.take(self.method_of(request))
        if fault is not None and fault.name == NONE:
            fault = None
        kind = "" if fault is None else fault.name
        if fault is not None and kind == HANG:
            self._hang(fault)
        if kind == RESET:
            raise ConnectionDroppedError
        response = self.answer(request, fault)
        if fault is not None and kind == ANSWER_HANGS:
            self._hang(fault)
        if kind == ANSWER_LOST:
            raise ConnectionDroppedError
        if fault is not None and kind == MALFORMED:
            cut = response.body[: len(response.body) // 2]
            return replace(response, status=200, body=fault.text("body").encode() or cut)
        return response

    @abstractmethod
    def method_of(self, request: Request) -> str:
        """Return the name that a fault's ``method`` is compared with."""

    @abstractmethod
    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Do what was asked, or what the fault says; the base takes care of the transport faults."""

    def _hang(self, fault: Fault) -> None:
        self._closing.wait(fault.number("seconds", 30))
        raise ConnectionDroppedError


class _HttpServer(ThreadingHTTPServer):
    """Remembers its open connections: one that is kept alive would outlive the server otherwise."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: LocalServer, port: int) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((HOST, port), _Connection)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say little where a client hung up: tests with short timeouts do so on purpose."""
        LOGGER.debug("connection %s from %s ended early: %s", request, client_address, sys.exception())

    def drop_connections(self) -> None:
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                LOGGER.debug("connection was closed already")


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without this every answer waits 40 ms for a delayed acknowledgement.
    disable_nagle_algorithm = True
    server: _HttpServer

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
        LOGGER.debug(format, *args)

    def _handle(self) -> None:
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        try:
            self._send(self.server.owner.serve(request))
        except ConnectionDroppedError:
            self.close_connection = True
        except OSError:
            raise
        except Exception:
            LOGGER.exception("the local server itself failed at %s %s", request.method, request.path)
            self._send(Response.of({"error": "the local server itself failed, see its log"}, status=500))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        length = len(response.body) if response.claimed_length is None else response.claimed_length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(response.body)
        if response.claimed_length is not None:
            self.close_connection = True
