"""A link as a QR code to be printed or shown from a screen."""

import segno


def qr_of(text: str) -> str:
    """Inline SVG without styles. A link is random: no mask is better than another, and choosing takes longest."""
    svg: str = segno.make(text, micro=False, error="m", mask=3).svg_inline(
        omitsize=True, border=2, svgclass=None, lineclass=None, title="QR-код со ссылкой на опрос"
    )
    return svg
