"""A link and a code are good once, however many try at the same moment: threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client as Browser
from pytest_django import DjangoDbBlocker

from kit.tokens import same
from portal.people.models import ClientSession, SignInLink
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tests.cast import portal_browser
from tests.databases import cloned_database, using
from tests.portal.people.signing_in import ask_and_read, wrong


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[CurrentAgency]:
    """Northwind on a database of its own, outside any test transaction."""
    with django_db_blocker.unblock(), cloned_database("parallel") as name, using(name):
        yield Agency.objects.get(slug="northwind").current()
        connections.close_all()


def _at_once(
    many: int, browser: Browser, agency: CurrentAgency, send: Callable[[Browser], int]
) -> Counter[int]:
    """The answers of many copies of a browser that send at the same moment.

    As many as the server has room for open their connections first and start together; the rest follow
    as connections become free.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity")
        first = min(many, cursor.fetchone()[0] - 20)
    opening, room, started = threading.Semaphore(4), threading.Semaphore(first), threading.Event()
    line = threading.Barrier(first, action=started.set)

    def one(number: int) -> int:
        copy = portal_browser(agency)
        for cookie, morsel in browser.cookies.items():
            copy.cookies[cookie] = morsel.value
        try:
            if number < first:
                with opening:
                    connection.ensure_connection()
                line.wait(timeout=120)
            started.wait(timeout=120)
            with room:
                return send(copy)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(one, range(many)))


def test_of_200_presses_at_once_one_signs_in(committed: CurrentAgency) -> None:
    browser = portal_browser(committed)
    letter = ask_and_read(browser, "maria@client.example")
    entered: list[str] = []

    def press(copy: Browser) -> int:
        answer = copy.post(letter.path)
        if settings.CLIENT_COOKIE_NAME in answer.cookies:
            entered.append(answer.cookies[settings.CLIENT_COOKIE_NAME].value)
        return answer.status_code

    assert _at_once(200, browser, committed, press) == {302: 1, 410: 199}
    assert len(entered) == 1
    with inside(committed):
        assert ClientSession.objects.count() == 1
        assert SignInLink.objects.get().used_at


def test_of_60_codes_at_once_five_are_heard(
    committed: CurrentAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.people import sign_in, sign_in_limits

    monkeypatch.setattr(sign_in_limits, "code", lambda request: 0.0)  # the link's own count is what is tried
    compared: list[str] = []

    def noted(a: str, b: str) -> bool:
        compared.append(b)
        return same(a, b)

    monkeypatch.setattr(sign_in, "same", noted)
    browser = portal_browser(committed)
    letter = ask_and_read(browser, "maria@client.example")
    typed = {"code": wrong(letter.code)}

    answers = _at_once(60, browser, committed, lambda copy: copy.post("/sign-in/sent/", typed).status_code)
    assert answers == {422: 60}
    assert len(compared) == 5
    with inside(committed):
        assert SignInLink.objects.get().code_tries == 5
        assert not ClientSession.objects.exists()
