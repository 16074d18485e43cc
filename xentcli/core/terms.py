"""What changes the numbers that are computed from a state."""

from __future__ import annotations

from xentcli.frozen import frozen


@frozen
class Terms:
    """How a state is to be read."""

    labels: str = "hard"  # "hard", "soft" or "token"
    smoothing: float = 0.0  # label smoothing, of the class mix too
    clip: float | None = None
    prior: tuple[float, ...] | None = None  # by class: what skill is measured against; None: the class mix
    breakdown: bool = True

    @property
    def plain(self) -> bool:
        """Whether the loss is that of labels, as tests of calibration have it."""
        return self.labels == "hard" and not self.smoothing
