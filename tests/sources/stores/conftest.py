"""An S3 server on this machine, and a bucket in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pyarrow.fs as pafs
import pytest

from tests.sources.stores.servers import Proxy, proxy_to

KEY, SECRET = "AKIAXENTKEY", "s3cr3t/of+bucket"


class Bucket:
    """A bucket of the server, as the tests fill it, and as xent reaches it: through a proxy."""

    def __init__(self, port: int, proxy: Proxy) -> None:
        self.proxy = proxy
        self._store = pafs.S3FileSystem(
            access_key=KEY, secret_key=SECRET, region="us-east-1", endpoint_override=f"http://127.0.0.1:{port}",
            allow_bucket_creation=True,
        )  # fmt: skip
        self._store.create_dir("bucket")
        self._store.delete_dir_contents("bucket")
        self._client = boto3.client(
            "s3", aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        for each in self._uploads():
            self._client.abort_multipart_upload(Bucket="bucket", Key=each["Key"], UploadId=each["UploadId"])

    def put(self, key: str, data: bytes) -> str:
        """Write an object, past the proxy; its URI."""
        with self._store.open_output_stream(f"bucket/{key}", compression=None) as stream:
            stream.write(data)
        return self.uri(key)

    def get(self, key: str) -> bytes:
        """What an object holds, past the proxy."""
        with self._store.open_input_stream(f"bucket/{key}", compression=None) as stream:
            return bytes(stream.read())

    def uploads(self) -> list[str]:
        """The keys of uploads that were begun, and neither completed nor aborted."""
        return [each["Key"] for each in self._uploads()]

    def _uploads(self) -> Any:
        return self._client.list_multipart_uploads(Bucket="bucket").get("Uploads", [])

    def delete(self, key: str) -> None:
        self._store.delete_file(f"bucket/{key}")

    def uri(self, key: str) -> str:
        return f"s3://bucket/{key}?region=us-east-1&endpoint_override=http://127.0.0.1:{self.proxy.port}"


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("XENT_TIMEOUT", "1")
    with proxy_to(s3_port) as proxy:
        yield Bucket(s3_port, proxy)
