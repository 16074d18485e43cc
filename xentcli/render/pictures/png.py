"""Pictures as pixels, by the Rust library resvg: the extra `xentcli[png]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xentcli.errors import RequestError
from xentcli.render.pictures.kinds import svg
from xentcli.render.pictures.style import FONTS, plain_style_sheet
from xentcli.results.pictures import Picture

_ZOOM = 2.0  # pixels for one of the SVG, as sharp screens have them
_LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    f'<text y="16" font-family="{FONTS}" font-size="16">M</text></svg>'
)


def png(picture: Picture, doubts: Sequence[str] = ()) -> bytes:
    """The bytes of a PNG file. Raises `RequestError` without the extra, and where no font is installed."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        message = "PNG needs a package that is not installed; SVG needs none"
        raise RequestError("png", message, hint="pip install 'xentcli[png]', or -o out.svg") from None
    _refuse_no_font(svg_to_bytes)
    return bytes(svg_to_bytes(svg_string=svg(picture, doubts, plain_style_sheet()), zoom=_ZOOM))


def _refuse_no_font(svg_to_bytes: Callable[..., bytes]) -> None:
    """A picture without its text would say nothing, and the library leaves it out without a word."""
    if svg_to_bytes(svg_string=_LETTER) == svg_to_bytes(svg_string=_LETTER, skip_system_fonts=True):
        message = "no font is installed that the text of a PNG could be in"
        raise RequestError("png", message, hint="apt install fonts-dejavu-core, or -o out.svg")
