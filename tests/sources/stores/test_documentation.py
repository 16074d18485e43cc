"""The commands of the page about stores, one after the other, with a real server."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet

import xentcli.docs
from tests.cli.runner import environment
from tests.sources.stores.conftest import Bucket
from tests.transcript import run_line

PAGE = Path(xentcli.docs.__file__).with_name("stores.md")
ROWS = "label,prob\n" + "".join(f"{i % 3 // 2},{0.2 + i % 7 / 10:.1f}\n" for i in range(200))


def commands() -> list[str]:
    """Those of the table "you want", all with one kind of store: there is no server of the others here."""
    [table] = re.findall(r"^\| you want \|.*\n\| --- \| --- \|\n((?:\|.*\n)+)", PAGE.read_text("utf-8"), re.M)
    return [each.replace("gs://", "s3://") for each in re.findall(r"`(xent [^`]+)`", table)]


def test_the_commands_of_the_page(bucket: Bucket, tmp_path: Path) -> None:
    for name in ("a.csv", "valid.csv"):
        (tmp_path / name).write_text(ROWS)
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(tmp_path / "a.csv"), tmp_path / "part-7.parquet")
    bucket.put("preds/1.csv", ROWS.encode())
    env = environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{bucket.proxy.port}", AWS_DEFAULT_REGION="us-east-1")
    for command in commands():
        run = run_line(command, tmp_path, env)
        assert run.code == 0, f"{command}: {run.stderr}"
    assert bucket.get("calibrated/1.csv").startswith(b"label,prob\n")
