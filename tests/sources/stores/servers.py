"""What stands between a store and xent in the tests: a proxy that counts, delays, throttles, cuts and resets."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

_LINGER = struct.pack("ii", 1, 0)  # closing sends a reset


class Fault(Struct):
    """What happens to an answer once `at` of its bytes have been passed on, `times` times."""

    kind: str  # "cut", "reset", "stall" or "delay"
    at: int
    of: str = "GET"  # what the requests begin with
    about: str = ""  # and what they hold
    times: int = 1 << 30


class Proxy:
    """Passes connections on to a server."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[str] = []  # their first lines, with the range asked for
        self.fault: Fault | None = None
        self.before: Callable[[str], None] = lambda line: None  # called before a request is passed on
        self.waiting, self.most_waiting = 0, 0  # requests that wait for the latency, now and at most
        self.refusal: Callable[[str], str | None] = lambda line: None  # "403 Forbidden", in place of an answer
        self.latency = 0.0  # seconds before each request is passed on
        self.rate = float("inf")  # bytes a second of the answers of a connection
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            passed = [0]
            threading.Thread(target=self._answer, args=(server, client, passed), daemon=True).start()
            while data := client.recv(1 << 16):
                lines = data.decode("latin-1").split("\r\n")
                if lines[0].endswith("HTTP/1.1"):
                    ranges = [line[7:] for line in lines if line.lower().startswith("range: ")]
                    line = " ".join([lines[0].removesuffix(" HTTP/1.1"), *ranges])
                    self.before(line)
                    self.requests.append(line)
                    passed[0] = 0
                    passed[1:] = [lines[0]]  # type: ignore[list-item]
                    if (status := self.refusal(line)) is not None:
                        client.sendall(
                            f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
                        )
                        break
                    self._wait()
                server.sendall(data)
            _close(server)

    def _wait(self) -> None:
        with self._lock:
            self.waiting += 1
            self.most_waiting = max(self.waiting, self.most_waiting)
        time.sleep(self.latency)
        with self._lock:
            self.waiting -= 1

    def _answer(self, server: socket.socket, client: socket.socket, passed: list[int]) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                fault = self._take_fault(passed, len(data))
                if fault is not None:
                    client.sendall(data[: max(0, fault.at - passed[0])])
                    data = data[max(0, fault.at - passed[0]) :]
                    if fault.kind == "delay":
                        time.sleep(0.3)
                    elif fault.kind == "stall":
                        time.sleep(600)
                    elif fault.kind == "reset":
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
                        client.shutdown(socket.SHUT_RD)  # `_serve` closes it
                        return
                    else:
                        break
                passed[0] += len(data)
                time.sleep(len(data) / self.rate)
                client.sendall(data)
        _close(client)

    def _take_fault(self, passed: list[int], size: int) -> Fault | None:
        with self._lock:
            fault = self.fault
            if fault is None or not fault.times or passed[0] + size <= fault.at:
                return None
            line = str(passed[1] if len(passed) > 1 else "")
            if not line.startswith(fault.of) or fault.about not in line:
                return None
            fault.times -= 1
            return fault

    def close(self) -> None:
        """Stop."""
        self._listener.close()


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """A proxy to a server on this machine."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
