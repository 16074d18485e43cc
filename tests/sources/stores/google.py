"""As much of Google Cloud Storage as sending an object takes: JSON over HTTP, on this machine."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Google:
    """One bucket called "bucket", by the keys of its objects."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.objects: dict[str, bytes] = {}
        self.uploads: list[tuple[str, bytearray]] = []  # those that were begun, and what was sent of each
        self.refuses: Callable[[str], bool] = lambda method: False  # answers 503 to it

    def uri(self, key: str, bucket: str = "bucket") -> str:
        return f"gs://anonymous@{bucket}/{key}?scheme=http&endpoint_override=127.0.0.1:{self._port}"

    def answer(self, method: str, path: str, body: bytes, range_: str) -> tuple[int, bytes, dict[str, str]]:
        """(status, body, headers); `range_` is that of what is sent."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if self.refuses(method):
            return 503, b"{}", {}
        if "upload_id" in query:
            key, sent = self.uploads[int(query["upload_id"])]
            sent += body
            if re.fullmatch(r"bytes \d+-\d+/\*", range_):  # more is to come
                return 308, b"", {"Range": f"bytes=0-{len(sent) - 1}"}
            self.objects[key] = bytes(sent)
        elif query.get("uploadType") == "resumable":
            self.uploads.append((query["name"], bytearray()))
            place = f"http://127.0.0.1:{self._port}/upload/bucket?upload_id={len(self.uploads) - 1}"
            return 200, b"{}", {"Location": place}
        elif path.partition("?")[0] == "/storage/v1/b/bucket":
            return 200, b'{"kind": "storage#bucket", "name": "bucket"}', {}
        else:
            return 404, b"{}", {}
        about = {"kind": "storage#object", "bucket": "bucket", "name": key, "generation": "1"}
        return 200, json.dumps({**about, "size": str(len(self.objects[key]))}).encode(), {}


@contextmanager
def google() -> Iterator[Google]:
    """A server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            range_ = self.headers.get("Content-Range") or ""
            status, found, headers = store.answer(self.command, self.path, body, range_)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(found))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found)

        do_GET = do_POST = do_PUT = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    store = Google(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield store
    server.shutdown()
    server.server_close()
