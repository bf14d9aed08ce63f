"""The gallery draws every part, so a part that breaks is seen here first."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from ui.gallery import PAGES, gallery


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_gallery_is_drawn(page: str) -> None:
    answer = gallery(RequestFactory().get("/gallery/", {"page": page, "accent": "#facc15"}))
    words = answer.content.decode()
    assert answer.status_code == 200
    assert page in ("mail", "error") or "page=sheet&amp;accent=%23facc15" in words
    assert page == "mail" or "style=" not in words


def test_the_gallery_serves_its_theme_and_its_favicon() -> None:
    sheet = gallery(RequestFactory().get("/gallery/", {"page": "sheet", "accent": "#facc15"}))
    assert sheet["Content-Type"] == "text/css" and b"#facc15" in sheet.content
    favicon = gallery(RequestFactory().get("/gallery/", {"page": "favicon"}))
    assert favicon["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("query", [{"page": "nowhere"}, {"accent": "red"}, {"accent": "#fff;}"}])
def test_what_the_gallery_does_not_know_is_not_found(query: dict[str, str]) -> None:
    with pytest.raises(Http404):
        gallery(RequestFactory().get("/gallery/", query))
