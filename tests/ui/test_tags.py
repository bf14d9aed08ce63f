"""The parts that pages are made of, and that what people typed stays text."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from ui import sheets
from ui.icons import ICONS
from ui.theme import mail_colors

EVIL = '<img src=x onerror="alert(1)">'


def draw(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context)).strip()


def test_an_icon_beside_words_is_hidden_from_screen_readers_and_one_alone_is_named() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "check" %}')
    assert 'role="img" aria-label="Done"' in draw('{% icon "check" "Done" %}')
    assert "&lt;img" in draw('{% icon "check" words %}', words=EVIL)
    with pytest.raises(KeyError):
        draw('{% icon "no-such-icon" %}')


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_well_formed(name: str) -> None:
    ElementTree.fromstring(draw("{% icon name %}", name=name))


def test_a_badge_is_a_word_and_a_tone() -> None:
    assert draw('{% badge "Paid" "positive" %}') == '<span class="badge badge--positive">Paid</span>'
    assert "&lt;img" in draw("{% badge words %}", words=EVIL)
    with pytest.raises(ValueError, match="unknown tone"):
        draw('{% badge "Paid" "green" %}')


def test_an_avatar_is_the_photo_or_the_initials() -> None:
    assert ">ML</span>" in draw('{% avatar "Maria Lopez" %}')
    assert 'src="/photo.jpg" alt=""' in draw('{% avatar "Maria Lopez" "/photo.jpg" %}')
    assert 'onerror="' not in draw('{% avatar "Maria" url %}', url='x" onerror="alert(1)')


def test_progress_says_its_figure_in_words() -> None:
    drawn = draw('{% progress 9 14 "Lessons" %}')
    assert 'max="14" value="9" aria-label="Lessons"' in drawn
    assert "64 %" in drawn
    assert "0 %" in draw('{% progress 1 0 "Nothing to do" %}')


def test_numbers_in_attributes_keep_their_point_in_every_language() -> None:
    with translation.override("de"):
        assert 'value="9.5"' in draw("{% progress value 14 %}", value=9.5)


def test_an_empty_state_has_one_button_or_none() -> None:
    assert "button" not in draw('{% empty_state "files" "No files" %}')
    assert '<a class="button button--primary" href="/new/">Add</a>' in draw(
        '{% empty_state "files" "None" "" "/new/" "Add" %}'
    )


def test_an_empty_state_that_is_the_whole_page_is_its_heading() -> None:
    assert "<h1" not in draw('{% empty_state "files" "No files" %}')
    assert '<h1 class="empty__title">&lt;img' in draw(
        '{% empty_state "files" words is_whole_page=True %}', words=EVIL
    )


def test_every_sheet_and_script_that_is_linked_exists() -> None:
    for path in (*sheets.STYLES, sheets.FONT, sheets.SCRIPT, sheets.HTMX):
        assert finders.find(path), path


def test_every_style_sheet_stands_in_the_list() -> None:
    layers = finders.find("ui/css/layers.css")
    assert layers
    folder = Path(layers).parent
    assert {f"ui/css/{path.name}" for path in folder.glob("*.css")} == set(sheets.STYLES)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500])
def test_error_pages_are_constant_and_name_nobody(status: int) -> None:
    page = render_to_string(f"errors/{status}.html")
    assert page == render_to_string(
        f"errors/{status}.html", {"brand": {"name": "Northwind"}, "request_path": EVIL}
    )
    assert str(status) in page
    assert "portico" not in page.lower()


@pytest.mark.parametrize("layout", ["portal", "portal_bare"])
def test_a_portal_page_names_only_the_agency(layout: str) -> None:
    brand = {"name": "Northwind Studio", "support_email": "hello@northwind.example"}
    page = render_to_string(f"layouts/{layout}.html", {"brand": brand, "navigation": []})
    assert "Northwind Studio" in page
    assert "hello@northwind.example" in page
    assert "portico" not in page.lower()
    assert "owered by" not in page


def test_a_starter_portal_says_what_it_is_powered_by() -> None:
    brand = {"name": "Northwind", "powered_by": {"name": "Somebody", "url": "https://somebody.example"}}
    assert "Powered by Somebody" in render_to_string("layouts/portal.html", {"brand": brand})


def test_a_logo_takes_the_place_of_the_name() -> None:
    page = render_to_string("layouts/portal.html", {"brand": {"name": EVIL, "logo_url": "/logo.svg"}})
    assert 'src="/logo.svg"' in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("layout", ["portal", "portal_bare", "console", "platform", "narrow"])
def test_layouts_need_nothing_inline(layout: str) -> None:
    page = render_to_string(
        f"layouts/{layout}.html", {"brand": {"name": "Northwind"}, "person": {"name": "Maria"}}
    )
    for forbidden in (" style=", "<style", " onclick=", "javascript:"):
        assert forbidden not in page
    assert page.count("<script") == page.count("<script type=") + page.count("<script src=")


def test_a_mail_carries_the_brand_in_html_and_in_text() -> None:
    context = {
        "brand": {"name": "Northwind & Sons"},
        "colors": mail_colors("#0f766e"),
        "heading": "Your homepage is ready",
        "body": "Have a look.",
        "button_url": "https://northwind.example/?a=1&b=2",
        "button_words": "Look at it",
    }
    html, text = (render_to_string(f"mail/base.{kind}", context) for kind in ("html", "txt"))
    assert "#0f766e" in html and "Northwind &amp; Sons" in html
    assert "https://northwind.example/?a=1&b=2" in text and "Northwind & Sons" in text
    assert "portico" not in (html + text).lower()
