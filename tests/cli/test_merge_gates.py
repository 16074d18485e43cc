"""Requirements on merged states: the verdict, and all that is written of it, is that on the whole."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.runner import Run, xent
from tests.transcript import ROOT

SAMPLE = ROOT / "sample_data" / "breast_cancer.csv"
BY = ("--by", "size")
STATES = ("a.state", "b.state", "c.state")
FILES = ("a.csv", "b.csv", "c.csv")
MODELS = ("old.csv", "new.csv", "--on", "id", *BY)


def save_parts(folder: Path, *options: str) -> Path:
    """A folder with the sample cut into a.csv, b.csv and c.csv, and a state of each."""
    folder.mkdir()
    header, *lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:100]), ("b", lines[100:350]), ("c", lines[350:])):
        (folder / f"{name}.csv").write_text(header + "".join(part))
        run = xent("score", f"{name}.csv", *BY, *options, "--save-state", f"{name}.state", cwd=folder)
        assert run.code == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_parts(tmp_path_factory.mktemp("parts") / "plain")
    assert xent("score", "a.csv", *BY, "-o", "saved.json", cwd=folder).code == 0
    assert xent("merge", "a.state", "-o", "merged.json", cwd=folder).code == 0
    return folder


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_parts(tmp_path_factory.mktemp("parts") / "clustered", "--cluster", "texture", "--weight", "weight")


def requirements(*texts: str) -> list[str]:
    return [part for text in texts for part in ("--require", text)]


GATES = [
    (["log_loss <= 0.14", "accuracy >= 0.9"], [], 0),
    (["log_loss <= 0.14 nats", "accuracy >= 0.99"], ["--unit", "bits"], 1),
    (["log_loss[size=*] <= 0.2"], ["--format", "json"], 1),
    (["log_loss[size=*] <= 0.2"], ["--exit-zero", "--format", "markdown"], 0),
    (["log_loss <= 0.2", "brier <= 0.1"], ["--confidence", "0.95"], 0),
    (["log_loss <= 0.15", "log_loss[size=small] <= 0.06"], ["--confidence", "0.95"], 5),
    (["miscalibration <= 0.01", "rows >= 569"], ["--full"], 1),
]


@pytest.mark.parametrize(("texts", "options", "code"), GATES)
@pytest.mark.parametrize("kind", ["parts", "clustered"])
def test_gating_the_merged_whole_is_gating_the_score_of_the_whole(
    kind: str, texts: list[str], options: list[str], code: int, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    asked = [*requirements(*texts), *options, "--github", "--junit"]
    how = () if kind == "parts" else ("--cluster", "texture", "--weight", "weight")
    merged = xent("merge", *STATES, *asked, "merged.xml", cwd=folder)
    assert merged.code == code or kind == "clustered"  # where weights make other numbers
    assert merged == xent("score", *FILES, *BY, *how, *asked, "whole.xml", cwd=folder)
    assert (folder / "merged.xml").read_bytes() == (folder / "whole.xml").read_bytes()


def test_the_errors_of_classes_are_those_of_the_whole(parts: Path) -> None:
    texts = ("recall[malignant] >= 0.9", "log_loss[benign] <= 0.2", "precision[benign] >= 0.99")
    asked = [*requirements(*texts), "--confidence", "0.9", "--format", "json"]
    merged = xent("merge", *STATES, *asked, cwd=parts)
    assert merged == xent("score", *FILES, *BY, *asked, cwd=parts)
    assert all(gate["low"] < gate["value"] < gate["high"] for gate in json.loads(merged.stdout)["gates"])


@pytest.mark.parametrize("baseline", ["saved.json", "a.state", "merged.json"])
def test_a_baseline_may_be_a_state(baseline: str, parts: Path) -> None:
    asked = ["--baseline", baseline, *requirements("log_loss <= baseline", "recall[benign] >= baseline")]
    saved = [*asked[:1], "saved.json", *asked[2:]]
    for command in (("merge", *STATES), ("score", *FILES), ("gate", *FILES), ("gate", *STATES)):
        found, expected = (xent(*command, *each, cwd=parts) for each in (asked, saved))
        assert found.stdout.replace(baseline, "saved.json") == expected.stdout
        assert found.code == expected.code != 2


@pytest.mark.parametrize("options", [("--format", "json"), ("--full", "--confidence", "0.95")])
def test_a_gate_takes_states(options: tuple[str, ...], parts: Path) -> None:
    asked = (*requirements("log_loss <= 0.15", "log_loss[size=*] <= 0.2"), *options)
    expected = xent("gate", *FILES, *BY, *asked, cwd=parts)
    assert xent("gate", *STATES, *asked, cwd=parts) == expected
    assert xent("gate", "[abc].state", *asked, cwd=parts) == expected
    assert expected.code in (1, 5)
    piped = xent("gate", "-", *asked, cwd=parts, stdin=(parts / "a.state").read_bytes())
    assert piped == xent("gate", "a.csv", *BY, *asked, cwd=parts)


def test_a_gate_takes_a_saved_score(parts: Path) -> None:
    asked = requirements("log_loss <= 0.15")
    saved = (parts / "saved.json").read_bytes()
    expected = xent("gate", "a.csv", *BY, *asked, cwd=parts)
    assert xent("gate", "saved.json", *asked, cwd=parts).stdout == expected.stdout
    assert xent("gate", "-", *asked, cwd=parts, stdin=saved).stdout == expected.stdout


def test_a_page_of_the_whole(parts: Path) -> None:
    run = xent("merge", *STATES, *requirements("accuracy >= 0.99"), "--report", "whole.html", "-q", cwd=parts)
    page = (parts / "whole.html").read_text()
    assert run.code == 1
    assert all(name in page for name in ("accuracy &gt;= 0.99", *FILES, "holds no single rows"))


def refused(run: Run, code: int, *says: str) -> None:
    assert (run.code, run.stdout) == (code, "")
    assert all(each in run.stderr for each in says), run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--require", "log_los <= 1"), 2, 'did you mean "log_loss"?'),
        (("--require", "log_loss[texture=*] <= 1"), 2, "hint: --by texture, where the parts are scored"),
        (("--require", "log_loss <= baseline"), 2, "needs --baseline FILE"),
        (("--require", "log_loss <= 1", "--baseline", "saved.json"), 2, "no requirement names the baseline"),
        (("--require", "kl <= 1"), 2, 'unknown metric "kl"'),
        (("--confidence", "0.9"), 2, "--confidence needs --require"),
        (("--exit-zero",), 2, "--exit-zero needs --require"),
        (("--junit", "x.xml"), 2, "--junit needs --require"),
        (("--report", "x.json"), 2, "pages are written as .html"),
        (("--require", "log_loss <= baseline", "--baseline", "a.csv"), 3, "is not JSON"),
        (("--require", "log_loss <= baseline", "--baseline", "none"), 4, "no such file"),
        (("--require", "log_loss <= 1", "--output", "a.state"), 2, "would overwrite this input"),
    ],
)
def test_what_is_no_verdict(arguments: tuple[str, ...], code: int, says: str, parts: Path) -> None:
    refused(xent("merge", *STATES, *arguments, cwd=parts), code, says)


@pytest.mark.parametrize(
    "option",
    [
        *("--label=x", "--clip=0.01", "--no-breakdown", "--prior=benign=1,malignant=1", "--missing=skip"),
        *("--ignore-label=benign", "--class-weight=benign=2", "--on=id", "--delimiter=;", "--input-format=csv"),
        *("--no-header", "--na=?", "--engine=dask"),
    ],
)
def test_a_gate_on_states_has_no_use_for_options_about_predictions(option: str, parts: Path) -> None:
    run = xent("gate", "a.state", *requirements("rows >= 1"), option, cwd=parts)
    refused(run, 2, f"{option.split('=')[0]} has no effect: a.state was scored already")


def test_a_state_may_be_judged_with_what_it_was_made_with(parts: Path) -> None:
    options = ("--clip=0.01", "--missing=skip", "--weight=weight", "--where=size=large", "--label=label")
    assert xent("score", "a.csv", *options, "--save-state", "same.state", cwd=parts).code == 0
    gate = ("gate", "same.state", *requirements("rows >= 1"))
    assert xent(*gate, *options, cwd=parts).code == 0
    refused(
        xent(*gate, "--where=size=small", cwd=parts), 2, "--where has no effect: same.state was scored already"
    )


def test_no_configured_gate_judges_other_numbers(parts: Path, tmp_path: Path) -> None:
    config = tmp_path / "xent.toml"
    for line in ("clip = 0.01", 'where = ["size=large"]', 'weight = "weight"', "normalize = true"):
        config.write_text(f'[gate]\nrequire = ["rows >= 1"]\n{line}\n')
        run = xent("gate", "a.state", "--config", config, cwd=parts)
        refused(run, 2, f"--{line.split()[0]} has no effect: a.state was scored already")


# States of several models


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, whole and in halves, and states of each half."""
    folder = tmp_path_factory.mktemp("halves")
    for suffix, name in (("", "old"), ("_new", "new")):
        header, *lines = SAMPLE.with_stem(f"breast_cancer{suffix}").read_text().splitlines(keepends=True)
        (folder / f"{name}.csv").write_text(header + "".join(lines))
        for at, half in enumerate(("early", "late")):
            (folder / half).mkdir(exist_ok=True)
            own = [line for line in lines if int(line[1:4]) % 2 == at]
            (folder / half / f"{name}.csv").write_text(header + "".join(own))
    for half in ("early", "late"):
        old, new, *options = MODELS
        for command, more in (("compare", ()), ("divergence", ()), ("rank", ("--base", "old"))):
            state = ("--save-state", f"{half}.{command}")
            assert xent(command, f"{half}/{old}", f"{half}/{new}", *options, *more, *state, cwd=folder).code == 0
    return folder


@pytest.mark.parametrize("command", ["compare", "rank", "divergence"])
def test_models_have_no_reliability_curve(command: str, halves: Path) -> None:
    run = xent("merge", f"early.{command}", "--reliability", cwd=halves)
    refused(run, 2, "--reliability has no effect: these are no states of xent score")


@pytest.mark.parametrize(
    ("command", "texts", "options", "code"),
    [
        ("compare", ["log_loss <= baseline - 0.04", "accuracy[size=*] >= baseline"], [], 0),
        ("compare", ["log_loss <= baseline - 0.04"], ["--confidence", "0.95"], 5),
        ("compare", ["log_loss[size=*] <= baseline", "recall[benign] >= 0.99"], ["--confidence", "0.95"], 5),
        ("compare", ["log_loss <= baseline - 0.1", "auc >= baseline"], ["--unit", "bits"], 1),
        ("rank", ["may_be_best[new]", "log_loss[new] <= baseline"], ["--confidence", "0.95"], 0),
        ("rank", ["rank_high[old] <= 1", "log_loss[new, size=*] <= baseline"], [], 1),
        ("divergence", ["kl <= 0.2", "same_top[size=*] >= 0.8"], [], 0),
        ("divergence", ["same_top >= 0.95", "kl_p99 <= 0.01"], ["--unit", "bits"], 1),
        ("divergence", ["kl <= 0.07"], ["--confidence", "0.95"], 5),
    ],
)
def test_several_models(command: str, texts: list[str], options: list[str], code: int, halves: Path) -> None:
    asked = [*requirements(*texts), *options, "--format", "json", "--github"]
    merged = xent("merge", f"late.{command}", f"early.{command}", *asked, "--junit", "merged.xml", cwd=halves)
    more = ("--base", "old") if command == "rank" else ()
    whole = xent(command, *MODELS, *more, *asked, cwd=halves)
    assert json.loads(merged.stdout)["gates"] == json.loads(whole.stdout)["gates"] != []
    assert merged.code == whole.code == code
    assert (halves / "merged.xml").read_text().count("<testcase") == len(json.loads(merged.stdout)["gates"])


@pytest.mark.parametrize(
    ("command", "arguments", "code", "says"),
    [
        ("compare", ("--require", "log_loss <= baseline", "--baseline", "x"), 2, "its BASE is the baseline"),
        ("compare", ("--require", "log_loss[texture=*] <= baseline"), 2, "saved without slices by texture"),
        ("compare", ("--report", "page.html"), 2, "these are states of xent compare"),
        ("rank", ("--require", "may_be_best[nwe]"), 2, 'did you mean "new"?'),
        ("rank", ("--require", "log_loss <= 1"), 2, "log_loss[MODEL]"),
        ("divergence", ("--require", "log_loss <= 1"), 2, "kl"),
    ],
)
def test_what_is_no_verdict_on_models(
    command: str, arguments: tuple[str, ...], code: int, says: str, halves: Path
) -> None:
    refused(xent("merge", f"late.{command}", f"early.{command}", *arguments, cwd=halves), code, says)


def test_a_baseline_is_of_one_model(halves: Path) -> None:
    options = requirements("log_loss <= baseline")
    refused(xent("gate", "new.csv", "--baseline", "late.rank", *options, cwd=halves), 3, "is a state of xent rank")


def test_a_ranking_without_a_base_has_no_baseline(halves: Path) -> None:
    old, new, *options = MODELS
    run = xent("rank", f"late/{old}", f"late/{new}", *options, "--save-state", "plain.rank", "-q", cwd=halves)
    assert run.code == 0
    run = xent("merge", "plain.rank", *requirements("log_loss[new] <= baseline"), cwd=halves)
    refused(run, 2, "ranked without one", "hint: xent rank ... --base NAME --save-state STATE")


@pytest.mark.parametrize("require", ["log_loss <= 0.9", "log_loss <= baseline"])
def test_gate_says_who_gates_states_of_two_models(require: str, tmp_path: Path) -> None:
    for model, p in (("old", "0.6"), ("new", "0.7")):
        (tmp_path / f"{model}.csv").write_text(f"label,prob\n1,{p}\n0,0.2\n")
    assert xent("compare", "old.csv", "new.csv", "--save-state", "pair.state", cwd=tmp_path).code == 0
    run = xent("gate", "pair.state", "--require", require, cwd=tmp_path)
    hint = f"xent merge pair.state --require '{require}'"
    says = "xent: error: pair.state: is a state of xent compare, not of xent score\n"
    assert run == (3, "", f"{says}  hint: {hint} reads and gates it\n")
    assert xent(*shlex.split(hint)[1:], cwd=tmp_path).code == 0


def test_what_gate_cannot_mix_or_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,prob\n1,0.6\n0,0.2\n")
    assert xent("score", "a.csv", "--save-state", "a.state", cwd=tmp_path).code == 0
    (tmp_path / "cut.state").write_bytes((tmp_path / "a.state").read_bytes()[:7])
    mixed = xent("gate", "a.csv", "a.state", "--require", "rows > 0", cwd=tmp_path)
    assert (mixed.code, mixed.stdout) == (3, "")
    assert "give predictions only" in mixed.stderr
    for command in ("gate", "merge"):
        cut = xent(command, "cut.state", "--require", "rows > 0", cwd=tmp_path)
        assert (cut.code, cut.stdout) == (3, "")
        assert "cut.state: has no end: it was cut" in cut.stderr
