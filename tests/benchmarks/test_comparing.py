"""Every peer computes what xent does, so that their times can be compared."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import files
from tests.benchmarks.comparing import TORCH, Peer, agree
from tests.benchmarks.forms import BY_NAME
from xentcli import score

PACKAGES = {"duckdb_query": "duckdb", "polars_query": "polars", "pandas_sklearn": "sklearn"}
FILES = ["CSV, two classes", "Parquet, two classes", "CSV, 10 logits", "Parquet, 10 logits"]
FORMS = {
    "bare": {"log_loss", "accuracy"},
    "same": {"log_loss", "accuracy", "log_loss_se", "predictive_entropy", "brier", "per_class"},
}
ROWS = 800


def printed(capsys: pytest.CaptureFixture[str], module: str, *arguments: str) -> dict[str, Any]:
    """What a peer prints, within this process: `tests.benchmarks.test_tables` starts them all."""
    importlib.import_module(f"tests.benchmarks.peers.{module}").main(*arguments)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture(scope="module", params=FILES)
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    """(what is in a file, the file, what xent says of it)."""
    form = BY_NAME[request.param]
    path = form.made(tmp_path_factory.mktemp("files"), ROWS)
    return form.tables.__name__, path, score(path).to_dict()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("module", PACKAGES)
def test_a_peer_finds_what_xent_finds(
    scored: tuple[str, Path, Any], module: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(PACKAGES[module], reason=f"not installed: {PACKAGES[module]} (extra bench)")
    work, path, known = scored
    found = printed(capsys, module, form, work, str(path))
    assert set(found) == FORMS[form]
    classes = found.pop("per_class", [])
    assert found == pytest.approx({name: known["metrics"][name] for name in found}, rel=1e-12)
    for ours, theirs in zip(known["per_class"] if classes else [], classes, strict=True):
        assert theirs.pop("class") == ours["class"]
        assert theirs == pytest.approx({key: ours[key] for key in theirs}, rel=1e-12)


def test_torch_finds_what_xent_finds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", exc_type=ImportError, reason="not installed: torch (extra bench)")
    path = files.make(tmp_path / "lists.parquet", files.parquet, files.long_lists, ROWS)
    known = score(path).metrics
    found = printed(capsys, TORCH.module, TORCH.form, "long_lists", str(path))
    assert found["log_loss"] == pytest.approx(known.log_loss, rel=TORCH.tolerance)
    assert found["accuracy"] == pytest.approx(known.accuracy, rel=1e-12)


def test_another_log_loss_ends_the_run() -> None:
    agree(Peer("DuckDB"), 0.5 + 1e-10, 0.5)
    for wrong in (0.5 + 1e-9, float("nan")):
        with pytest.raises(SystemExit, match=r"DuckDB \(bare\) finds a log loss of .*, xent 0\.5"):
            agree(Peer("DuckDB"), wrong, 0.5)
