"""Colour literals outside the tokens file: without a name there, dark mode and an accent miss them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from infra.checks import tree

TOKENS = "tokens.css"
# The named colours of CSS; "transparent", "currentcolor" and the system's own (Canvas) are none of a palette.
NAMED = Path(__file__).with_name("colour_names.txt").read_text(encoding="utf-8").split()

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)(?=[;}]|$)")
HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b")
FUNCTION = re.compile(r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
NAME = re.compile(rf"(?<![\w-])(?:{'|'.join(NAMED)})(?![\w-])", re.IGNORECASE)
NOT_A_COLOUR = re.compile(r"url\([^)]*\)|\"[^\"]*\"|'[^']*'")
# Properties whose words may happen to be colours' names.
NAMING = {"animation", "animation-name", "font", "font-family", "grid-area", "grid-template-areas", "content"}

TEMPLATE_CODE = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
STYLE_ELEMENT = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
STYLE_ATTRIBUTE = re.compile(r"\bstyle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
COLOUR_ATTRIBUTE = re.compile(
    r"\b(?:fill|stroke|color|bgcolor|stop-color|flood-color|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')",
    re.IGNORECASE,
)


def findings(root: Path) -> list[str]:
    """Every colour literal in style sheets and pages, vendored ones apart."""
    found = []
    for path in tree.files(root, ".css", ".html"):
        if path.name == TOKENS or "vendor" in path.parts:
            continue
        words = tree.text(path)
        literals = in_css(words) if path.suffix == ".css" else in_html(words)
        found += [
            f"{path.relative_to(root)}:{line}: {literal}; name it in {TOKENS}" for line, literal in literals
        ]
    return found


def in_css(words: str) -> list[tuple[int, str]]:
    """Line and literal of each colour in a style sheet."""
    return sorted(_declared(_blanked(COMMENT, words), 0, words))


def in_html(words: str) -> list[tuple[int, str]]:
    """Line and literal of each colour in a page: <style>, style="…", fill, stroke, the theme-color."""
    shown = _blanked(TEMPLATE_CODE, words)
    found = []
    for pattern in (STYLE_ELEMENT, STYLE_ATTRIBUTE):
        for match in pattern.finditer(shown):
            group = next(number for number, text in enumerate(match.groups(), 1) if text is not None)
            found += list(_declared(match[group], match.start(group), shown))
    for match in COLOUR_ATTRIBUTE.finditer(shown):
        value = match[1] if match[1] is not None else match[2]
        # `content` belongs to any <meta>: prose there may well speak of a red roof.
        prose = match[0].lower().startswith("content")
        whole = [literal for literal in _literals(value) if not prose or literal == value.strip()]
        found += [(_line(shown, match.start()), literal) for literal in whole]
    return sorted(found)


def _declared(css: str, offset: int, whole: str) -> Iterator[tuple[int, str]]:
    for declaration in DECLARATION.finditer(css):
        if declaration[1].lower() not in NAMING:
            for literal in _literals(declaration[2]):
                yield _line(whole, offset + declaration.start(2)), literal


def _literals(value: str) -> list[str]:
    plain = NOT_A_COLOUR.sub("", value)
    functions = [match[0] for match in FUNCTION.finditer(plain) if not _computed(match[1])]
    rest = FUNCTION.sub("", plain)
    return functions + HEX.findall(rest) + NAME.findall(re.sub(r"--[\w-]+", "", rest))


def _computed(arguments: str) -> bool:
    """Whether a colour function works on a token or on what the page puts in."""
    return "var(" in arguments or "{{" in arguments or arguments.strip().startswith("from ")


def _blanked(pattern: re.Pattern[str], words: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), words)


def _line(words: str, position: int) -> int:
    return words.count("\n", 0, position) + 1
