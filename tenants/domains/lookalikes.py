"""Names that read alike: scripts mixed in one word, letters of another script that look like Latin ones."""

import unicodedata
from collections.abc import Iterable

# A subset of Unicode TR39's confusables: what passes for a-z and 0-9 in an address bar.
ALIKE = {
    "а": "a", "ӓ": "a", "α": "a", "ɑ": "a", "ь": "b", "ƅ": "b", "β": "b", "в": "b", "с": "c", "ϲ": "c", "ԁ": "d",
    "ɗ": "d", "е": "e", "ё": "e", "є": "e", "ε": "e", "ҽ": "e", "ƒ": "f", "ɡ": "g", "ց": "g", "һ": "h", "հ": "h",
    "н": "h", "і": "i", "ї": "i", "ι": "i", "ı": "i", "ɩ": "i", "ј": "j", "ϳ": "j", "к": "k", "κ": "k", "ӏ": "l",
    "ł": "l", "м": "m", "ո": "n", "п": "n", "η": "n", "о": "o", "ο": "o", "σ": "o", "օ": "o", "ø": "o", "р": "p",
    "ρ": "p", "ԛ": "q", "գ": "q", "г": "r", "ѕ": "s", "ʂ": "s", "т": "t", "τ": "t", "ս": "u", "υ": "u", "ц": "u",
    "ν": "v", "ѵ": "v", "ԝ": "w", "ѡ": "w", "ω": "w", "ш": "w", "х": "x", "χ": "x", "у": "y", "ү": "y", "γ": "y",
    "ʏ": "y", "ᴢ": "z", "ʐ": "z", "з": "3", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ß": "ss",
}  # fmt: skip
_GLANCE = str.maketrans("01", "ol", "-")
PAIRS = (("rn", "m"), ("vv", "w"), ("i", "l"))
# Scripts that belong together in one word (TR39 §5.1, "highly restrictive").
TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)


def is_mixed(label: str) -> bool:
    """Whether one label (in Unicode) mixes scripts that no language writes together."""
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in TOGETHER)


def skeleton(shown: str) -> str:
    """What a name (in Unicode) looks like at a glance: two that read alike have the same one."""
    folded = unicodedata.normalize("NFKD", shown.lower())
    letters = "".join(ALIKE.get(c, c) for c in folded if not unicodedata.combining(c))
    seen = letters.translate(_GLANCE)
    for pair, letter in PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def resembled(shown: str, others: Iterable[str]) -> str:
    """The first of the other names (in Unicode) that this one could be taken for, "" if none."""
    seen = skeleton(shown)
    return next((other for other in others if other != shown and skeleton(other) == seen), "")
