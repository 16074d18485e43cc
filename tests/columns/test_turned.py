"""The recipe for a JSON object of columns writes rows that score right."""

import math
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import xentcli
from xentcli.errors import ContentError


def test_the_recipe_writes_rows(tmp_path: Path) -> None:
    path = tmp_path / "co l.json"
    path.write_text('{"label": [0, 1, 0], "prob": [0.25, 0.5, 0.5]}')
    with pytest.raises(ContentError) as caught:
        xentcli.score(path)
    _, option, code, _, file = shlex.split((caught.value.hint or "").partition(" | ")[0])
    with open(file) as columns:
        found = subprocess.run([sys.executable, option, code], stdin=columns, capture_output=True, check=True)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(found.stdout)
    assert xentcli.score(rows).metrics.log_loss == pytest.approx(-math.log(0.75 * 0.25) / 3)
