"""The icons of icons.svg by name, as the inside of an `<svg>`.

They are drawn into the page: an icon costs fewer bytes than its request, and takes the colour of its words.
"""

import re
from pathlib import Path

_SYMBOL = re.compile(r'<symbol id="([a-z-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)

ICONS: dict[str, str] = dict(
    _SYMBOL.findall(Path(__file__).with_name("icons.svg").read_text(encoding="utf-8"))
)
