"""Two models as a ranking holds them, from their comparison; what their rows show is not asked."""

from __future__ import annotations

from xentcli.results.compare import CompareResult
from xentcli.results.rank import ModelDifference, RankedModel, RankPair, RankResult


def ranked(found: CompareResult, base: str | None = None) -> RankResult:
    """NEW and BASE, which are called so; without a `base` that one is best."""
    loss = found.metrics["log_loss"]
    difference = ModelDifference("base", loss.difference, loss.se, loss.low, loss.high, loss.p_value, loss.p_value)
    counts = (found.wins, found.losses, found.ties)
    models = (
        RankedModel("new", found.new, 1, 2, True, difference, found.metrics, found.slices, *counts),
        RankedModel("base", found.base, 1, 2, False, None, {}, ()),
    )
    pair = RankPair("base", "new", None if loss.difference is None else -loss.difference, loss.se, 0.01, 0.02)
    return RankResult(
        version=found.version,
        models=models if base is not None else models[::-1],
        pairs=(pair,),
        level=0.95,
        base=base,
        on=found.on,
        clusters=found.clusters,
        anytime=None,
        notices=found.notices,
        unavailable={},
        gates=found.gates,
    )
