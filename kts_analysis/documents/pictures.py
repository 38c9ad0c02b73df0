"""SVG pictures as PNG: drawn by the typesetter with its own letters, the same on every machine."""

from __future__ import annotations

import json
from collections.abc import Sequence

PPI = 160  # sharp in print (nearly 200 dots an inch at the width used), at 45 kB a picture
_PAGES = b"""#set page(width: auto, height: auto, margin: 0pt)
#for svg in json(bytes(sys.inputs.pictures)) { page(image(bytes(svg), format: "svg")) }
"""


def png_pictures(svgs: Sequence[str], ppi: int = PPI) -> list[bytes]:
    """Return pictures as PNG files, in order.

    Parameters
    ----------
    svgs : sequence of str
    ppi : int
        Dots an inch at the picture's own size (96 of its units are an inch).
    """
    import typst

    if not svgs:
        return []
    made = typst.compile(
        _PAGES,
        format="png",
        ppi=ppi,
        ignore_system_fonts=True,
        sys_inputs={"pictures": json.dumps(list(svgs))},
    )
    return [made] if isinstance(made, bytes) else list(made)
