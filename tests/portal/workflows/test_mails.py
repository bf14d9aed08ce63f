"""The mail of a workflow: the agency's words, and a link whose secret is stored nowhere."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from kit import clock
from portal.mail.models import Message
from portal.people.models import Client, Invitation, SignInLink, Staff
from portal.workflows.models import Run
from tenants.agencies.current import CurrentAgency, outside_agencies
from tests.cast import portal_browser
from tests.portal.workflows.scene import MAIL, a_workflow, set_off
from tests.running_jobs import run_jobs

pytestmark = pytest.mark.usefixtures("in_northwind")


def _link() -> str:
    found = re.search(r"http://\S+/(?:invitation|enter)/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found[0]


def _path(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def test_who_has_never_been_here_is_signed_in_by_the_button(
    northwind: CurrentAgency, tom: Client, alice_staff: Staff
) -> None:
    a_workflow(MAIL, by=alice_staff)
    set_off(tom, alice_staff)
    assert mail.outbox[-1].subject == "Hello Tom" and mail.outbox[-1].to == [tom.email]
    path = _path(_link())
    with outside_agencies():
        browser = portal_browser(northwind)
        page = browser.get(path).content.decode()
        proof = re.search(r'name="proof" value="([^"]+)"', page)
        assert proof is not None
        assert browser.post(path, {"proof": proof[1]}).status_code == 302
        assert browser.get("/").status_code == 200


def test_who_has_been_here_is_let_in_by_no_old_mail(
    northwind: CurrentAgency, tom: Client, charlie: Client, alice_staff: Staff
) -> None:
    Client.objects.filter(pk=tom.pk).update(last_seen_at=clock.now())
    a_workflow(MAIL, by=alice_staff)
    set_off(tom, alice_staff)
    path = _path(_link())
    with outside_agencies():
        stranger = portal_browser(northwind)
        page = stranger.get(path)
        assert page.status_code == 200 and tom.email not in page.content.decode()
        assert stranger.post(path).status_code == 200
        assert stranger.post(f"{path}code/", {"code": "000000"}).status_code in (403, 410)
        assert stranger.get("/").status_code == 302
        assert portal_browser(northwind, tom).get(path).status_code == 302
        assert portal_browser(northwind, charlie).get(path).status_code == 200
        proof = re.search(r'name="proof" value="([^"]+)"', page.content.decode())
        assert proof is not None
        sent = stranger.post(f"{path}new/", {"proof": proof[1]})
        assert sent.status_code == 302
    run_jobs()
    assert "/enter/" in str(mail.outbox[-1].body) and mail.outbox[-1].to == [tom.email]
    assert len(mail.outbox) == 2
    fresh = _path(_link())
    with outside_agencies():
        assert stranger.post(fresh).status_code == 302
        assert stranger.get("/").status_code == 200


def test_a_door_does_not_end_the_sign_in_that_somebody_asks_for(tom: Client, alice_staff: Staff) -> None:
    from portal.people.mail_links import link_for
    from portal.people.sign_in import send_link

    Client.objects.filter(pk=tom.pk).update(last_seen_at=clock.now())
    asked = clock.now()
    link_for(tom, "/")
    with time_machine.travel(asked + timedelta(seconds=1)):
        made = send_link(
            email=tom.email, browser="b" * 64, next_path="/", device="x", asked_at=asked.isoformat()
        )
    assert made is not None
    assert SignInLink.objects.filter(browser_hash="", revoked_at__isnull=True).count() == 1


def test_nothing_secret_is_stored(tom: Client, alice_staff: Staff) -> None:
    a_workflow(MAIL, by=alice_staff)
    set_off(tom, alice_staff)
    token = _link().rstrip("/").rpartition("/")[2]
    message = Message.objects.get(email="workflows.mail")
    assert token not in str(message.words) and "{{ link }}" in message.words["text_words"]
    assert token not in str(list(Invitation.objects.values()))


def _html() -> str:
    sent = mail.outbox[-1]
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.alternatives[0][0])


def test_what_a_client_is_called_is_no_html_in_the_mail(tom: Client, alice_staff: Staff) -> None:
    Client.objects.filter(pk=tom.pk).update(name="<b>Tom</b> Becker")
    tom.refresh_from_db()
    a_workflow(
        (*MAIL[:1], MAIL[1] | {"body": "Hello {{ client }},\n\nsee {{ link }} & more"}), by=alice_staff
    )
    set_off(tom, alice_staff)
    shown = _html()
    assert "&lt;b&gt;Tom" in shown and "<b>" not in shown and "&amp; more" in shown
    assert f'href="{_link()}"' in shown


def test_a_button_is_there_only_if_the_workflow_says_its_words(tom: Client, alice_staff: Staff) -> None:
    a_workflow((*MAIL[:1], MAIL[1] | {"body": "Hello", "button": "Open the invoice"}), by=alice_staff)
    set_off(tom, alice_staff)
    assert 'class="button"' in _html() and f"Open the invoice:\n{_link()}" in str(mail.outbox[-1].body)
    assert "Open the invoice</a>" in _html()


def test_without_words_for_it_there_is_no_button(tom: Client, alice_staff: Staff) -> None:
    a_workflow((*MAIL[:1], MAIL[1] | {"body": "Hello"}), by=alice_staff)
    set_off(tom, alice_staff)
    assert 'class="button"' not in _html() and "http" not in str(mail.outbox[-1].body).partition("--")[0]


def test_marketing_says_how_to_unsubscribe_and_goes_to_nobody_who_has(
    tom: Client, alice_staff: Staff
) -> None:
    a_workflow((*MAIL[:1], MAIL[1] | {"is_marketing": True}), by=alice_staff)
    set_off(tom, alice_staff)
    sent = mail.outbox[-1]
    assert "/unsubscribe/" in str(sent.body) and "List-Unsubscribe" in sent.extra_headers
    Client.objects.filter(pk=tom.pk).update(wants_marketing=False)
    tom.refresh_from_db()
    set_off(tom, alice_staff)
    assert len(mail.outbox) == 1
    run = Run.objects.order_by("-pk")[0]
    assert run.state == "done" and run.steps.get().words == "Tom Becker has unsubscribed from marketing."


def test_any_other_mail_of_a_workflow_reaches_who_has_unsubscribed(tom: Client, alice_staff: Staff) -> None:
    Client.objects.filter(pk=tom.pk).update(wants_marketing=False)
    a_workflow(MAIL, by=alice_staff)
    set_off(tom, alice_staff)
    assert mail.outbox[-1].to == [tom.email] and "/unsubscribe/" not in str(mail.outbox[-1].body)
