"""The fonts of papers: those of packages, so that a paper looks the same on every machine."""

import re
from functools import lru_cache
from importlib.resources import files

import typst

_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_thai", "justmytype_intl_rtl", "noto_cjk_sans_otc")
# The first that has a letter draws it; what none has is taken from any other font of this machine.
_BEFORE_CJK = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai")
_AFTER_CJK = ("DejaVu Sans", "Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
_CJK = "Noto Sans CJK "
_KANA, _HANGUL = re.compile("[\u3040-\u30ff]"), re.compile("[\u1100-\u11ff\uac00-\ud7a3]")


@lru_cache(maxsize=1)
def fonts() -> "typst.Fonts":
    """The fonts of the packages and of this machine, looked up once a process."""
    folders = [str(files(package)) for package in _PACKAGES]
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)


def families(language: str, text: str) -> list[str]:
    """The families for `text`, the best first; only those that are there.

    Han characters are drawn differently in China, Taiwan, Hong Kong, Japan and Korea: the language (a tag
    such as "zh-TW") decides, else the letters that only one of them uses.
    """
    han = f"{_CJK}{_han_of(language.lower(), text)}"
    rest = [f"{_CJK}{place}" for place in ("SC", "TC", "HK", "JP", "KR") if not han.endswith(place)]
    return [name for name in (*_BEFORE_CJK, han, *rest, *_AFTER_CJK) if name in _here()]


@lru_cache(maxsize=1)
def _here() -> frozenset[str]:
    return frozenset(fonts().families())


def _han_of(language: str, text: str) -> str:
    own, *more = re.split("[-_]", language)
    if own == "zh":
        return "HK" if {"hk", "mo"} & {*more} else "TC" if {"tw", "hant"} & {*more} else "SC"
    if own == "ja" or (own != "ko" and _KANA.search(text)):
        return "JP"
    return "KR" if own == "ko" or _HANGUL.search(text) else "SC"
