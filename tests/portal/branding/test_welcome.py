"""The welcome message: a few marks become HTML, everything else stays words."""

import re

import pytest

from portal.branding.welcome import TAGS, source_of, welcome_html


def test_the_few_marks_do_what_the_page_says() -> None:
    html = welcome_html(
        "# Hi\n\n**bold** *leaning*\nnext line\n\n- one\n- two\n\n1. a\n\n> quoted\n\n[words](https://x.example)"
    )
    for part in (
        "<h2>Hi</h2>",
        "<strong>bold</strong>",
        "<em>leaning</em>",
        "<br>",
        "<ul>",
        "<ol>",
        "<blockquote>",
    ):
        assert part in html
    assert '<a href="https://x.example" rel="noopener noreferrer nofollow">words</a>' in html


def test_the_first_heading_of_the_page_stays_the_pages_own() -> None:
    html = welcome_html("# a\n\n## b\n\n###### c\n\nd\n=====")
    assert "<h1" not in html and html.count("<h2>") == 2 and html.count("<h3>") == 2


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](https://tracker.example/pixel.png)",
    "![x](javascript:alert(1))",
    '[x](https://a.example "\\" onclick=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    '<a href="x" style="position:fixed">x</a>',
    "```html\n<script>alert(1)</script>\n```",
    "    <script>indented</script>",
    "`<b>`",
    "<iframe srcdoc='<script>1</script>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- --!><script>1</script> -->",
    "\x00<script>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_hostile_comes_through(source: str) -> None:
    html = welcome_html(source)
    tags = re.findall(r"</?([a-z0-9]+)", html)
    assert set(tags) <= TAGS, html
    for tag in re.findall(r"<[^>]*>", html):
        assert not re.search(r"on\w+=|style=|javascript:|data:|vbscript:|src=", tag, re.IGNORECASE), html


def test_deep_nesting_is_no_bomb() -> None:
    for mark in (">", "- ", "*", "[", "(", "**a", "1. "):
        assert len(welcome_html(mark * 2400)) < 200_000


def test_no_words_no_html() -> None:
    assert welcome_html("") == welcome_html("  \n\n ") == ""


def test_a_message_without_its_source_can_be_edited_as_words() -> None:
    assert source_of("<p>Hello <strong>you</strong></p><p>Bye</p>") == "Hello you\n\nBye"
