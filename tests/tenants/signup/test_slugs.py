"""Addresses of portals: what may be one, what looks like another, what to offer instead."""

import pytest

from tenants.agencies.models import Agency
from tenants.signup import queries
from tenants.signup.slugs import problem, skeleton, suggestions, tidy


def said(slug: str) -> str:
    return problem(slug, platform="Portico")


@pytest.mark.parametrize(
    "slug", ["northwind", "a1b", "brand-new-day", "classic", "grape", "scunthorpe-studio"]
)
def test_a_plain_address_is_fine(slug: str) -> None:
    assert said(slug) == ""


@pytest.mark.parametrize(
    "slug",
    ["ab", "a" * 31, "-abc", "abc-", "a--b", "xn--mnchen-3ya", "xn-a", "müller", "pоrtal", "a_b", "a.b", "a b",
     "123", "ABC", "", "abc\n", "www", "app", "accounts", "api", "adm1n", "rnail", "vvww", "l0gin", "porticoo",
     "my-portico", "p0rt1co-help", "fuck-you", "nazi"],
)  # fmt: skip
def test_what_misleads_or_cannot_be_a_host_is_refused(slug: str) -> None:
    assert said(slug)


@pytest.mark.parametrize("alike", ["n0rthwind", "northvvind", "nor-thwind", "northw1nd", "northwlnd"])
def test_what_looks_like_an_agencys_address_is_taken(db: None, alike: str) -> None:
    assert skeleton(alike) == skeleton("northwind")
    assert queries.problem_with(alike)
    assert queries.free_slugs([alike, "southwind"]) == {"southwind"}


def test_the_database_and_python_see_the_same_skeleton(db: None) -> None:
    for agency in Agency.objects.annotate(seen=queries._skeleton()):
        assert agency.seen == skeleton(agency.slug)


@pytest.mark.parametrize(
    ("words", "address"),
    [("Müller & Söhne", "muller-sohne"), ("Café  Noir!", "cafe-noir"), ("Straße", "strasse"), ("北京", ""),
     ("A" * 50, "a" * 30)],
)  # fmt: skip
def test_an_agencys_name_becomes_an_address(words: str, address: str) -> None:
    assert tidy(words) == address


def test_suggestions_are_usable_and_free() -> None:
    found = suggestions("Northwind", platform="Portico", free=lambda some: set(some) - {"northwind"})
    assert found == ["northwind-studio", "northwind-hq", "northwind-agency"]
    assert all(not said(slug) for slug in suggestions("北京", platform="Portico", free=set))
    assert suggestions("a" * 30, platform="Portico", free=set)
