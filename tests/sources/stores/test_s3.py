"""Objects of a real S3 server: the numbers of local files, in few requests, and nothing of two versions."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import xentcli.sources.parquet
from tests.cli.runner import environment, xent
from tests.sources.reading import rows_of
from tests.sources.stores.conftest import Bucket
from tests.sources.stores.samples import parquet, samples
from xentcli import merge, plot, report, score, worst
from xentcli.engine.dask.reopening import Description
from xentcli.errors import AccessError, XentError
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, TextOptions

WANTED = Projection(("label",), ("prob",))

REQUESTS = {  # HEADs and GETs of each: opening, reading, and whether it is still the same
    "csv": (2, 3), "csv.gz": (2, 2), "csv.zst": (2, 2), "jsonl": (2, 3), "parquet": (2, 5), "npz": (2, 2),
}  # fmt: skip


@pytest.mark.parametrize("kind", samples())
def test_an_object_is_scored_as_the_local_file(kind: str, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / f"a.{kind}").write_bytes(samples()[kind])
    local = score(tmp_path / f"a.{kind}").to_dict()
    found = score(bucket.put(f"runs/a.{kind}", samples()[kind])).to_dict()
    assert found["inputs"].pop()["name"] == f"s3://bucket/runs/a.{kind}"
    local["inputs"].pop()
    assert found == local
    heads = sum(line.startswith("HEAD") for line in bucket.proxy.requests)
    gets = sum(line.startswith("GET") for line in bucket.proxy.requests)
    assert (heads, gets) <= REQUESTS.get(kind, (3, 3)), bucket.proxy.requests


def test_a_prior_is_read_from_a_saved_result_and_from_labels(bucket: Bucket, tmp_path: Path) -> None:
    data = b"label,prob\n1,0.75\n0,0.25\n0,0.4\n"
    result = score(bucket.put("a.csv", data))
    expected = score(bucket.uri("a.csv"), prior={"0": 2 / 3, "1": 1 / 3}).metrics.skill
    for uri in (bucket.put("a.json", result.to_json().encode()), bucket.uri("a.csv"), bucket.uri("a.c*")):
        assert score(bucket.uri("a.csv"), prior=uri).metrics.skill == pytest.approx(expected, rel=1e-14)
    run = xent("score", bucket.uri("a.csv"), "--prior", bucket.uri("a.json"), "--json", cwd=tmp_path)
    assert json.loads(run.stdout)["metrics"]["skill"] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_small_object_takes_three_requests(kind: str, bucket: Bucket) -> None:
    data = {"csv": b"label,prob\n1,0.75\n0,0.5\n", "parquet": parquet({"label": [1, 0], "prob": [0.75, 0.5]})}
    uri = bucket.put(f"a.{kind}", data[kind])
    functions: list[Callable[[str], object]] = [score, worst, report, lambda uri: plot("roc", uri)]
    for function in functions:
        bucket.proxy.requests.clear()
        function(uri)
        assert [line.split()[0] for line in bucket.proxy.requests] == ["HEAD", "GET", "HEAD"]


def test_row_groups_are_fetched_in_few_requests_while_there_is_room(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(20)
    columns = {"label": rng.integers(0, 5, 200_000), **{f"logit_{i}": rng.normal(size=200_000) for i in range(5)}}
    uri = bucket.put("a.parquet", parquet(columns, row_group_size=100_000))
    gets, found = [], []
    for room in (2 * len(parquet(columns)), 0):
        monkeypatch.setattr(xentcli.sources.parquet, "_HELD", room)
        bucket.proxy.requests.clear()
        found.append(score(uri).metrics)
        gets.append(sum(line.startswith("GET") for line in bucket.proxy.requests))
    assert found[0] == found[1]
    assert gets[0] == 2 + 2  # the beginning and the end of the file, and a range for each row group
    assert gets[1] >= 2 + 2 * len(columns)


def test_a_folder_is_listed_once(bucket: Bucket) -> None:
    for number in range(3):
        bucket.put(f"preds/{number}.csv", b"label,prob\n1,0.75\n0,0.5\n")
    uri = bucket.uri("preds/*.csv")
    assert score(uri).rows == 6
    lists = [line for line in bucket.proxy.requests if "list-type" in line]
    assert (len(lists), len(bucket.proxy.requests)) == (1, 1 + 3 * 3)


def test_states_are_fetched_ahead_of_their_use(bucket: Bucket, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / "a.csv").write_bytes(f"label,prob\n1,0.{number + 11}\n0,0.5\n".encode())
        score(tmp_path / "a.csv", save_state=tmp_path / "a.state")
        bucket.put(f"states/{number}.state", (tmp_path / "a.state").read_bytes())
    bucket.proxy.latency = 0.1
    assert merge(bucket.uri("states/*.state")).rows == 40
    assert 4 <= bucket.proxy.most_waiting <= 9
    kinds = Counter(line.split()[0] for line in bucket.proxy.requests)
    assert kinds == {"GET": 1 + 20, "HEAD": 20}


def test_more_threads_than_cores_wait_for_row_groups(bucket: Bucket) -> None:
    rng = np.random.default_rng(21)
    columns = {"label": rng.integers(0, 2, 200_000), "prob": rng.random(200_000)}
    uri = bucket.put("a.parquet", parquet(columns, row_group_size=10_000))
    bucket.proxy.latency = 0.1
    score(uri)
    assert bucket.proxy.most_waiting >= 4


FILES = (
    "a.csv", "b.csv", "_SUCCESS", "_old.csv", ".hidden.csv", "sub/c.csv", "sub/deep/d.csv", "_tmp/e.csv",
    ".git/f.csv", "site=DE/year=2024/g.csv", "site=a%2Fb/year=2025/h.csv", "odd[1].csv", "a b.csv",
    "notes/README.md",
)  # fmt: skip
PATTERNS = (
    "", "*.csv", "?.csv", "[ab].csv", "odd[1].csv", "**", "**/*.csv", "sub/**/*.csv", "su*", "site=*", "site=*/*",
    "site=*/*/*.csv", "_*", ".*", "_tmp", "sub", "site=DE", "a b.csv", "x*.csv", "notes", "nowhere",
    "site=a%2Fb/year=2025",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_name_what_they_name_on_this_machine(pattern: str, bucket: Bucket, tmp_path: Path) -> None:
    root = tmp_path / "r"
    for number, name in enumerate(FILES):
        data = f"label,prob\n{number},0.5\n".encode()
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        bucket.put(f"r/{name}", data)

    def found(path: str, prefix: str) -> object:
        try:
            sources = open_paths([path], TextOptions())
        except XentError as error:
            return type(error), error.message.replace(prefix, "")
        assert all(source.name.startswith(prefix) for source in sources)
        return [
            (source.name[len(prefix) :].strip("/"), [each.name for each in source.fields]) for source in sources
        ]

    local = found(str(root / pattern), str(root))
    assert found(bucket.uri(f"r/{pattern}".rstrip("/")), "s3://bucket/r") == local


def test_a_key_that_is_percent_encoded(bucket: Bucket) -> None:
    bucket.put("r/a b.csv", b"label,prob\n1,0.75\n")
    assert score(bucket.uri("r/a%20b.csv")).rows == score(bucket.uri("r/a b.csv")).rows == 1


def test_the_endpoint_of_the_environment(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("a.csv", b"label,prob\n1,0.75\n0,0.5\n")
    env = environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{bucket.proxy.port}", AWS_DEFAULT_REGION="us-east-1")
    for scheme in ("s3", "s3a"):
        run = xent("score", f"{scheme}://bucket/a.csv", "--format", "json", cwd=tmp_path, env=env)
        assert (run.code, f'"name": "{scheme}://bucket/a.csv"' in run.stdout) == (0, True)


@pytest.mark.parametrize("kind", samples())
@pytest.mark.parametrize("how", ["other size", "same size", "deleted"])
def test_a_key_that_is_replaced_meanwhile(kind: str, how: str, bucket: Bucket) -> None:
    data = samples()[kind]
    uri = bucket.put(f"a.{kind}", data)
    others = {"other size": data + b"\n", "same size": data[:-1] + bytes([data[-1] ^ 1])}
    seen: list[str] = []

    def replace(line: str) -> None:
        seen.append(line)
        if sum(each.startswith("GET") for each in seen) == 2:
            seen.append("GET")
            bucket.put(f"a.{kind}", others[how]) if how in others else bucket.delete(f"a.{kind}")

    bucket.proxy.before = replace
    with pytest.raises(AccessError) as caught:
        score(uri)
    assert (caught.value.exit_code, str(caught.value.where)) == (4, f"s3://bucket/a.{kind}")
    assert caught.value.code in ("input_changed", "unreadable" if how != "same size" else "")


def test_another_process_finds_the_same_object_or_none(bucket: Bucket) -> None:
    uri = bucket.put("a.csv", samples()["csv"])
    [source] = open_paths([uri], TextOptions())
    sent = pickle.dumps(Description.of(source, TextOptions()))
    assert rows_of(pickle.loads(sent).open(), WANTED) == rows_of(source, WANTED)
    bucket.put("a.csv", samples()["csv"][:-1] + b" ")
    with pytest.raises(AccessError) as caught:
        pickle.loads(sent).open()
    assert caught.value.code == "input_changed"
