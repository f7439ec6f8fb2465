"""HTTP/1.1 as our sites speak it: what is asked, what is answered, and every way of answering badly."""

import contextlib
import math
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

HERE = "127.0.0.1"
POLL_S = 0.02
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Request:
    """What was asked for.

    `path` is as received, with its query; the names of `headers` are in lower case. `began` and `ended` are
    `time.monotonic()`: of the request's arrival, and of the moment before the answer's last bytes were sent, so that
    no client can have reacted to the answer before it; it is infinite while the answer is under way. `connection`
    counts connections from 0, `nth` the requests for this path of this host from 1; `port` is ours.
    """

    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    scheme: str
    port: int
    connection: int
    began: float
    ended: float = math.inf
    nth: int = 1


@dataclass(frozen=True)
class Answer:
    """What is sent, and how badly.

    Attributes:
        body: Sent at once, unless there are `chunks`.
        chunks: Sent one after the other, `pause` seconds apart (infinite: none after the first). Without `length` they
            are framed as `Transfer-Encoding: chunked`.
        length: The Content-Length to claim. Where it is not that of what was sent, the connection is closed after it.
        reset: Break the connection off without an answer.
        delay: Seconds before the first byte, infinite for never. All waiting ends when the client hangs up or the
            server closes.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    length: int | None = None
    reset: bool = False
    delay: float = 0.0
    pause: float = 0.0


class Listener(ThreadingTCPServer):
    """One port, and a thread for each of its connections; without a `context`, plain HTTP.

    What goes wrong in our own code, rather than with a client, is added to `mistakes`.
    """

    request_queue_size = 128

    def __init__(
        self,
        respond: Callable[[Request], Answer],
        numbers: Iterator[int],
        mistakes: list[BaseException],
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__((HERE, 0), _Conversation)
        self.respond = respond
        self.numbers = numbers
        self.mistakes = mistakes
        self.context = context
        self.port: int = self.socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def serving(self) -> Iterator[int]:
        """Serve, on the port that is given; at the end all conversations are broken off, whatever they wait for."""
        thread = threading.Thread(target=self.serve_forever, args=(POLL_S,), name=f"port-{self.port}")
        thread.start()
        try:
            yield self.port
        finally:
            self.shutdown()
            with self._lock:
                for connection in self._open:
                    with contextlib.suppress(OSError):
                        # Not `connection.shutdown`: it would take away the TLS state that its thread is using.
                        socket.socket.shutdown(connection, socket.SHUT_RDWR)
            self.server_close()  # waits for the threads of the connections
            thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # those are clients that leave or do not trust us
            self.mistakes.append(error)


class _Conversation(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        self.number = next(self.server.numbers)
        super().setup()

    def do_GET(self) -> None:
        request = Request(
            host=urlsplit(f"//{self.headers.get('Host', '')}").hostname or "",
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            scheme="http" if self.server.context is None else "https",
            port=self.server.port,
            connection=self.number,
            began=time.monotonic(),
        )
        try:
            answer = self.server.respond(request)
            if answer.reset:
                self._reset()
            elif self._waited(answer.delay):
                self._send(request, answer)
        finally:
            if request.ended == math.inf:
                request.ended = time.monotonic()

    do_HEAD = do_POST = do_GET  # noqa: N815 - the library's names

    def log_message(self, *words: Any) -> None:
        """Say nothing: the log is the sites'."""

    def _send(self, request: Request, answer: Answer) -> None:
        parts = (answer.body,) if answer.chunks is None else answer.chunks
        length = len(answer.body) if answer.chunks is None and answer.length is None else answer.length
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))))
        if length == 0 or self.command == "HEAD":
            request.ended = time.monotonic()
        self.end_headers()
        if self.command != "HEAD":
            self._send_parts(request, parts, length, answer.pause)

    def _send_parts(self, request: Request, parts: Iterable[bytes], length: int | None, pause: float) -> None:
        sent = 0
        for part in filter(None, parts):
            if sent and not self._waited(pause):
                return
            sent += len(part)
            if sent == length:
                request.ended = time.monotonic()
            self.wfile.write(part if length is not None else b"%x\r\n%b\r\n" % (len(part), part))
        if length is None:
            request.ended = time.monotonic()
            self.wfile.write(b"0\r\n\r\n")
        elif sent != length:
            self.close_connection = True

    def _waited(self, seconds: float) -> bool:
        """Wait; whether somebody still listens. Clients send nothing meanwhile but that they leave."""
        if not seconds:
            return True
        gone, _, _ = select.select([self.connection], [], [], None if seconds == math.inf else seconds)
        self.close_connection = self.close_connection or bool(gone)
        return not gone

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        os.close(socket.socket.detach(self.connection))
