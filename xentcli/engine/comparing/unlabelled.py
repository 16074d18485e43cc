"""Rows without labels: their predictions are checked and counted as any others."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xentcli.core.batch import Finding
from xentcli.decoding.decode import DecodedBlock
from xentcli.engine.scoring import BlockScorer, ScoredRows
from xentcli.sources.source import Block

_OF_LOSSES = ("infinite_loss", "loss_overflow")  # findings about the class that rows are taken to be of


class UnlabelledScorer(BlockScorer):
    """Takes every row as one of class 0: what that loses tells predictions from others, and nothing else."""

    def score(self, block: Block, decoded: DecodedBlock) -> tuple[ScoredRows | None, list[Finding]]:
        """The rows that have a weight, unless anything is broken; and what was found but for losses."""
        batch = replace(decoded.batch, labels=np.zeros(decoded.batch.rows, np.intp))
        rows, findings = super().score(block, replace(decoded, batch=batch))
        return rows, [each for each in findings if each.code not in _OF_LOSSES]
