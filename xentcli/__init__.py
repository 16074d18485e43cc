"""How good are the probabilities in a prediction file?

>>> from xentcli import score
>>> score(["spam", "ham", "ham", "spam"], probs=[[.1, .9], [.9, .1], [.8, .2], [.35, .65]],
...       classes=["ham", "spam"]).metrics.log_loss
0.21616187468057912
"""

TYPE_CHECKING = False  # `typing` takes 3 ms, in which a Ctrl-C would not yet be handled
if TYPE_CHECKING:
    from xentcli.api import score as score

__version__ = "0.1.0"
__all__ = ["__version__", "score"]


def __getattr__(name: str) -> object:
    """Load the scoring machinery on first use: `xent --help` needs none of it."""
    if name == "score":
        from xentcli.api import score

        return score
    raise AttributeError(f"module 'xentcli' has no attribute {name!r}")
