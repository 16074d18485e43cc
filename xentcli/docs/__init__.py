"""The pages of the documentation, as Markdown, by topic. They are read where `xent help` shows one."""

from __future__ import annotations

from importlib.resources import files

# In the order in which a newcomer needs them.
TOPICS = {
    "commands": "what you want, and what you type",
    "formats": "what you have, and what you type",
    "inputs": "which column is what, and what is refused",
    "metrics": "every number, its definition and unit",
    "breakdown": "entropy, discrimination, miscalibration",
    "requirements": "what --require says, baselines, confidence",
    "ci": "GitHub, GitLab, pre-commit, baselines",
    "compare": "two models on the same rows",
    "rank": "several models, and which may be best",
    "divergence": "how far a model has moved, without labels",
    "calibrate": "recalibrate, and whether it helps",
    "pictures": "reliability diagrams, ROC curves and more",
    "report": "one page of HTML, for reviewers and CI",
    "merge": "files scored separately, and growing totals",
    "stores": "s3://, gs://, https:// and others",
    "cluster": "many machines, with Dask",
    "performance": "speed, memory, damaged files",
}


def page(topic: str) -> str:
    """The Markdown of a topic of `TOPICS`; KeyError of another."""
    if topic not in TOPICS:
        raise KeyError(topic)
    return (files("xentcli.docs") / f"{topic}.md").read_text(encoding="utf-8")
