"""Many inputs of a result in short: the first and the last, how many, and a digest that tells them from others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MOST_INPUTS = 100  # that are listed one by one, unless all are asked for


def shorten_inputs(document: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a result in which each long list of inputs has the first and the last, and a summary of all."""
    short: dict[str, Any] = {}
    for name, value in document.items():
        if name == "inputs" and isinstance(value, list) and len(value) > MOST_INPUTS:
            short |= {"inputs": [value[0], value[-1]], "inputs_summary": summarize_inputs(value)}
        elif name == "models":
            short[name] = [shorten_inputs(each) for each in value]
        else:
            short[name] = shorten_inputs(value) if isinstance(value, dict) else value
    return short


def summarize_inputs(inputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many, their rows and bytes where all have them, the SHA-256 of their compact JSON in sorted lines."""
    import hashlib  # which loads OpenSSL

    lines = sorted(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in inputs)
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
    totals: dict[str, int | None] = {
        name: None if any(each.get(name) is None for each in inputs) else sum(each[name] for each in inputs)
        for name in ("rows", "bytes")
        if name in inputs[0]
    }
    return {"count": len(inputs), **totals, "sha256": digest.hexdigest()}
