"""Files of a web server: one stream, taken up again where it broke off; the same exits as any store."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.sources.stores.samples import samples
from xentcli import score
from xentcli.errors import AccessError, ContentError

DATA = b"label,prob\n1,0.75\n0,0.5\n"


class Web(ThreadingHTTPServer):
    """Files by path, and what is wrong with their answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.ranges = True
        self.chunked = self.silent = self.stalls = self.tagged = False
        self.cut: int | None = None  # bytes after which a connection is cut
        self.cuts = 1 << 30
        self.statuses: list[int] = []  # of the next answers
        self.headers: dict[str, str] = {}  # of the last request

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        web, wanted = self.server, self.headers.get("Range")
        web.asked.append(f"{self.path} {wanted or ''}".strip())
        web.headers = dict(self.headers)
        data = web.files.get(self.path.partition("?")[0])
        status = web.statuses.pop(0) if web.statuses else 404 if data is None else 200
        if status >= 400 or data is None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        begin = int(re.findall(r"\d+", wanted)[0]) if wanted and web.ranges else 0
        self.send_response(206 if begin else 200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        self._send(data[begin:])

    def _send(self, data: bytes) -> None:
        web = self.server
        if web.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif not web.silent:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        body = data if not web.chunked else b"".join(
            b"%x\r\n%b\r\n" % (len(part), part) for part in (data[i : i + 999] for i in range(0, len(data), 999))
        ) + b"0\r\n\r\n"  # fmt: skip
        if web.cut is not None and web.cuts and len(body) > web.cut:
            web.cuts -= 1
            body = body[: web.cut]
            self.close_connection = True
        if web.silent:
            self.close_connection = True
        self.wfile.write(body)
        self.wfile.flush()
        if web.stalls:
            threading.Event().wait(5)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("XENT_TIMEOUT", "1")
    with Web() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", samples())
def test_a_file_is_scored_as_the_local_one(kind: str, chunked: bool, web: Web, tmp_path: Path) -> None:
    web.files[f"/a.{kind}"], web.chunked = samples()[kind], chunked
    (tmp_path / f"a.{kind}").write_bytes(samples()[kind])
    local = score(tmp_path / f"a.{kind}").to_dict()
    found = score(f"{web.root}/a.{kind}").to_dict()
    assert found["inputs"].pop()["name"] == f"{web.root}/a.{kind}"
    local["inputs"].pop()
    assert found == local
    assert len(web.asked) <= 3, web.asked


@pytest.mark.parametrize("ranges", [False, True])
@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_stream_that_breaks_off_once_is_taken_up(kind: str, ranges: bool, web: Web) -> None:
    web.files["/a"] = samples()[kind]
    expected = score(f"{web.root}/a").metrics.log_loss
    web.ranges, web.cut, web.cuts = ranges, 100_000, 1
    assert score(f"{web.root}/a").metrics.log_loss == expected


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "jsonl"])
def test_one_that_always_breaks_off_is_no_damage(kind: str, chunked: bool, web: Web) -> None:
    web.files["/a"], web.ranges, web.cut, web.chunked = samples()[kind], False, 100_000, chunked
    with pytest.raises(AccessError) as caught:
        score(f"{web.root}/a")
    assert caught.value.code == "unreadable"


def test_a_silent_server_is_left_after_three_timeouts(web: Web) -> None:
    web.files["/a"], web.stalls, web.cut = samples()["csv"], True, 1000
    with pytest.raises(AccessError, match="timed out"):
        score(f"{web.root}/a")
    assert len(web.asked) == 3


STATUSES = {404: ("not_found", 1), 403: ("unreadable", 1), 500: ("unreadable", 3), 503: ("unreadable", 3)}


@pytest.mark.parametrize("status", STATUSES)
def test_what_a_server_refuses(status: int, web: Web) -> None:
    web.statuses = [status] * 3
    with pytest.raises(AccessError) as caught:
        score(f"{web.root}/a?sig=secret")
    assert (caught.value.code, len(web.asked)) == STATUSES[status]
    assert str(caught.value).startswith(f"{web.root}/a?sig=***: HTTP {status}")


def test_a_server_that_is_busy_once(web: Web) -> None:
    web.files["/a"], web.statuses = DATA, [503]
    assert score(f"{web.root}/a").rows == 2


def test_a_file_that_is_replaced(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    data = samples()["csv"]
    web.files["/a"], web.cut, web.cuts = data, 100_000, 1
    original = _Handler.do_GET

    def replace(self: _Handler) -> None:
        if self.server.asked:
            self.server.files["/a"] = data[:-2] + b"9\n"
        original(self)

    monkeypatch.setattr(_Handler, "do_GET", replace)
    with pytest.raises(AccessError) as caught:
        score(f"{web.root}/a")
    assert caught.value.code == "input_changed"


def test_an_answer_without_a_length_could_be_cut(web: Web) -> None:
    web.files["/a"], web.silent = DATA, True
    with pytest.raises(ContentError, match="does not say how long"):
        score(f"{web.root}/a")


def test_user_and_password_are_sent_and_not_shown(web: Web, tmp_path: Path) -> None:
    web.files["/a b.csv"], web.files["/a%20b.csv"] = DATA, DATA
    run = xent(
        "score", web.root.replace("://", "://me:pass@") + "/a b.csv?token=t0k", "--format", "json", cwd=tmp_path
    )
    assert run.code == 0
    assert web.headers["Authorization"] == "Basic bWU6cGFzcw=="
    assert "pass@" not in run.stdout + run.stderr
    assert f'"name": "{web.root.replace("://", "://***@")}/a b.csv?token=***"' in run.stdout
