"""A device in words, from its User-Agent: "Safari on iPhone". Decoration: never decides anything."""

# First match wins: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("CriOS", "Chrome"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def describe(user_agent: str) -> str:
    """Browser and system in words; "an unknown device" where neither is known."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "an unknown device"


def is_handheld(device: str) -> bool:
    """Whether the words are of a phone or tablet (for the icon)."""
    return device.endswith(("iPhone", "iPad", "Android"))


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((words for mark, words in names if mark in user_agent), "")
