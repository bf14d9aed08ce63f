"""An open page follows a claim while something moves, ever more slowly, and stops."""

from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from portal.addresses import pace
from portal.addresses.shown import load
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.domains.models import Domain, DomainState
from tests.cast import console_browser
from tests.portal.addresses.claims import make_claim

S = DomainState
HOST = "portal.northwind.com"


def pauses(agency: CurrentAgency, domain: Domain, *tries: int, **options: Any) -> list[int]:
    shown = load(agency.id, domain.pk)
    return [pace.pause(shown, number, **options) for number in tries]


@pytest.mark.parametrize("state", [S.VERIFIED, S.ISSUING, S.DEPLOYING])
def test_while_something_moves_it_asks_ever_more_slowly_and_not_for_ever(
    northwind: CurrentAgency, state: DomainState
) -> None:
    found = pauses(northwind, make_claim(northwind.id, HOST, state), *range(45))
    assert found[0] == 1 and found[:12] == sorted(found[:12]) and max(found) == 30
    assert found[pace.MOST_TRIES :] == [0] * 5


@pytest.mark.parametrize("state", [S.BLOCKED, S.RELEASED, S.EXPIRED, S.REMOVED])
def test_what_is_settled_is_not_asked_for(northwind: CurrentAgency, state: DomainState) -> None:
    assert pauses(northwind, make_claim(northwind.id, HOST, state, next_try_at=None), 0, 3) == [0, 0]


def test_a_live_name_is_asked_for_once_its_next_look_is_near_and_not_before(northwind: CurrentAgency) -> None:
    domain = make_claim(northwind.id, HOST, S.ACTIVE, next_try_at=clock.now() + timedelta(hours=20))
    assert pauses(northwind, domain, 0) == [0]


def test_a_pending_claim_is_asked_for_right_after_its_next_look(northwind: CurrentAgency) -> None:
    domain = make_claim(northwind.id, HOST, next_try_at=clock.now() + timedelta(seconds=90))
    assert 88 <= pauses(northwind, domain, 0)[0] <= 93
    Domain.objects.update(next_try_at=clock.now() + timedelta(hours=3))
    assert pauses(northwind, domain, 0) == [0]


def test_after_a_press_it_asks_at_once_though_nothing_seems_to_move_yet(northwind: CurrentAgency) -> None:
    domain = make_claim(northwind.id, HOST, next_try_at=clock.now() + timedelta(hours=3))
    assert pauses(northwind, domain, 0, pace.ASKED_TRIES, is_asked=True) == [1, 0]


def test_the_answer_holds_the_page_only_if_something_changed(
    northwind: CurrentAgency, alice: Account
) -> None:
    domain = make_claim(northwind.id, HOST, S.ISSUING)
    browser, path = console_browser(alice), f"/northwind/branding/domain/{domain.pk}/"
    page = browser.get(path)
    version = page.context["shown"].version
    assert f"status/?seen={version}&amp;tries=0" in page.content.decode()
    same = browser.get(f"{path}status/?seen={version}&tries=4").content.decode()
    assert 'id="live"' not in same and 'id="spoken"' not in same and "tries=5" in same and "delay:5s" in same
    Domain.objects.update(state=S.ACTIVE, next_try_at=clock.now() + timedelta(hours=9))
    changed = browser.get(f"{path}status/?seen={version}&tries=5").content.decode()
    assert f"Your portal is live on {HOST}" in changed and 'hx-swap-oob="innerHTML"' in changed
    assert "<html" not in changed and "hx-get" not in changed


def test_what_a_tampered_address_says_ends_the_asking(northwind: CurrentAgency, alice: Account) -> None:
    domain = make_claim(northwind.id, HOST, S.ISSUING)
    browser, path = console_browser(alice), f"/northwind/branding/domain/{domain.pk}/status/"
    version = browser.get(path).context["shown"].version
    for tries in ("", "-1", "x", "9" * 400, "%00", "٣"):
        answer = browser.get(f"{path}?seen={version}&tries={tries}")
        assert answer.status_code == 200 and "hx-get" not in answer.content.decode(), tries


def test_without_scripts_the_page_says_how_to_see_more(northwind: CurrentAgency, alice: Account) -> None:
    domain = make_claim(northwind.id, HOST, S.ISSUING)
    page = console_browser(alice).get(f"/northwind/branding/domain/{domain.pk}/").content.decode()
    assert "<noscript>" in page and ">Reload</a> to see how far it is" in page


def test_a_press_without_effect_is_answered_too(northwind: CurrentAgency, alice: Account) -> None:
    before = clock.now() - timedelta(minutes=3)
    domain = make_claim(northwind.id, HOST, checked_at=before, next_try_at=clock.now() + timedelta(hours=3))
    browser, path = console_browser(alice), f"/northwind/branding/domain/{domain.pk}/"
    response = browser.post(f"{path}verify/")
    assert response.status_code == 302 and response["Location"].endswith(f"?asked={int(before.timestamp())}")
    page = browser.get(response["Location"])
    assert "hx-get" in page.content.decode()
    status = f"{path}status/?seen={page.context['shown'].version}&tries=0&asked={int(before.timestamp())}"
    assert "nothing has changed" not in browser.get(status).content.decode()
    Domain.objects.update(checked_at=clock.now())
    answer = browser.get(status).content.decode()
    assert "Looked again: nothing has changed yet." in answer and "hx-get" not in answer
