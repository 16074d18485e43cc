"""How good are the probabilities in a prediction file?

>>> from xentcli import score
>>> score(["spam", "ham", "ham", "spam"], probs=[[.1, .9], [.9, .1], [.8, .2], [.35, .65]],
...       classes=["ham", "spam"]).metrics.log_loss
0.21616187468057912
"""

TYPE_CHECKING = False  # `typing` takes 3 ms, in which a Ctrl-C would not yet be handled
if TYPE_CHECKING:
    from xentcli.api import State as State
    from xentcli.api import apply as apply
    from xentcli.api import calibrate as calibrate
    from xentcli.api import compare as compare
    from xentcli.api import divergence as divergence
    from xentcli.api import explain as explain
    from xentcli.api import gate as gate
    from xentcli.api import markdown_with_pictures as markdown_with_pictures
    from xentcli.api import merge as merge
    from xentcli.api import plot as plot
    from xentcli.api import present as present
    from xentcli.api import rank as rank
    from xentcli.api import report as report
    from xentcli.api import score as score
    from xentcli.api import score_state as score_state
    from xentcli.api import worst as worst
    from xentcli.api import write_calibration as write_calibration

__version__ = "0.2.0"
__all__ = [
    "State", "__version__", "apply", "calibrate", "compare", "divergence", "explain", "gate", "merge", "plot",
    "rank", "report", "score", "score_state", "worst",
]  # fmt: skip

_FUNCTIONS = {*__all__, "markdown_with_pictures", "present", "write_calibration"}  # for what results do


def __getattr__(name: str) -> object:
    """Load the scoring machinery on first use: `xent --help` needs none of it."""
    if name in _FUNCTIONS:
        import xentcli.api

        return getattr(xentcli.api, name)
    raise AttributeError(f"module 'xentcli' has no attribute {name!r}")


def __dir__() -> list[str]:
    """With the functions that are not loaded yet, for completion."""
    return sorted({*globals(), *__all__})
