"""Every format on the sample data, as whole transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcript import UPDATE, transcript

FOLDER = Path(__file__).parent / "golden"
COMMANDS = {
    "breast_cancer_table": "xent score sample_data/breast_cancer.csv",
    "breast_cancer_weighted_bits": "xent score sample_data/breast_cancer.csv --weight weight --unit bits",
    "breast_cancer_json": "xent score sample_data/breast_cancer.csv --format json",
    "digits_csv": "xent score sample_data/digits.parquet --format csv",
    "digits_table": "xent score sample_data/digits.parquet",
    "wine_markdown": "xent score sample_data/wine.csv --format markdown",
    "no_such_file": "xent score sample_data/none.csv",
    "no_such_column": "xent score sample_data/wine.csv --label lable",
    "error_as_json": "xent score sample_data/wine.csv --label lable --format json",
    "columns_table": "xent columns sample_data/breast_cancer.csv --weight weight",
    "columns_json": "xent columns sample_data/wine.csv --format json",
    "columns_not_clear": "xent columns sample_data/wine.csv --label lable",
    "columns_help": "xent columns --help",
    "help": "xent --help",
    "score_help": "xent score --help",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_transcript(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    text = transcript(COMMANDS[name])
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_golden_has_a_command() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(COMMANDS)
