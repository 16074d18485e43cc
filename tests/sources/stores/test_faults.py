"""Connections that are lost, reset, slow or silent: exit code 4 or the right number, in every format."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.sources.stores.conftest import Bucket
from tests.sources.stores.samples import samples
from tests.sources.stores.servers import Fault
from xentcli import score
from xentcli.errors import AccessError

FAST = [
    ("csv", "cut", 0), ("csv.gz", "cut", 40_000), ("parquet", "cut", 30_000), ("jsonl", "cut", 600_000),
    ("npz", "cut", 300), ("csv", "reset", 1_000), ("parquet", "reset", 100_000), ("arrow", "cut", 20_000),
    ("csv.zst", "cut", 50_000),
]  # fmt: skip
ENDS = ("cut", "reset", "stall")
SLOW = [(kind, how, at) for kind in samples() for how in ENDS for at in (0, 300, 30_000, 150_000)]
CASES = [*FAST, ("csv", "stall", 200), *(pytest.param(*each, marks=pytest.mark.slow) for each in SLOW)]


@pytest.mark.parametrize(("kind", "how", "at"), CASES)
def test_a_fault_is_never_damage_and_never_a_number(kind: str, how: str, at: int, bucket: Bucket) -> None:
    uri = bucket.put(f"a.{kind}", samples()[kind])
    bucket.proxy.fault = Fault(how, at)
    begin = time.monotonic()
    try:
        found = score(uri).metrics.log_loss
    except AccessError as caught:
        error = caught
        found = None
    assert time.monotonic() - begin < 60
    if found is None:
        assert (error.code, error.exit_code) == ("unreadable", 4)
        assert str(error).startswith(f"s3://bucket/a.{kind}")
    else:  # no answer was that long
        bucket.proxy.fault = None
        assert found == score(uri).metrics.log_loss


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("how", ["cut", "delay"])
def test_a_fault_that_passes_changes_nothing(kind: str, how: str, bucket: Bucket) -> None:
    uri = bucket.put(f"a.{kind}", samples()[kind])
    expected = score(uri).metrics.log_loss
    bucket.proxy.fault = Fault(how, 20_000, times=1)
    assert score(uri).metrics.log_loss == expected


def test_a_slow_connection_is_not_a_silent_one(bucket: Bucket) -> None:
    uri = bucket.put("a.csv", samples()["csv"])
    expected = score(uri).metrics.log_loss
    bucket.proxy.rate = len(samples()["csv"]) / 2.5  # bytes a second: all takes longer than the timeout
    begin = time.monotonic()
    assert score(uri).metrics.log_loss == expected
    assert time.monotonic() - begin > 2


def test_a_store_that_is_not_there(bucket: Bucket, tmp_path: Path) -> None:
    bucket.proxy.close()
    run = xent("score", bucket.uri("a.csv"), cwd=tmp_path)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith("xent: error: s3://bucket/a.csv?")
    assert "the connection failed" in run.stderr
