"""Tags, notes, own fields and details: kept by staff, seen by staff, changed by who may."""

from typing import Any

import pytest

from kit.refused import NotValid, Refused
from portal.audit.models import AuditEntry
from portal.people.models import Client, Staff
from portal.people.refusals import NotAllowed
from portal.records import details, fields, notes, tags
from portal.records.models import CustomField, Note, Tag
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import console_browser, portal_browser

CLIENTS = "/northwind/clients/"


def test_a_tag_is_put_on_many_and_narrows_the_list(
    northwind: CurrentAgency, alice: Account, maria: Client, tom: Client
) -> None:
    browser = console_browser(alice)
    answer = browser.post(CLIENTS + "tags/put/", {"client": [maria.pk, tom.pk, "9" * 30], "tag": " VIP "})
    assert answer.status_code == 302
    browser.post(f"{CLIENTS}{maria.pk}/tags/", {"tag": "vip"})
    with inside(northwind):
        tag = Tag.objects.get()
        assert tag.name == "VIP" and tag.taggings.count() == 2
    page = browser.get(CLIENTS + "?tag=VIP").content.decode()
    assert "Maria Silva" in page and "Tom Becker" in page and "Charlie Oakley" not in page
    browser.post(f"{CLIENTS}{tom.pk}/tags/{tag.pk}/deletion/")
    browser.post(CLIENTS + "tags/put/", {"client": [maria.pk], "tag": "VIP", "off": "1"})
    assert "Nobody fits" in browser.get(CLIENTS + "?tag=VIP").content.decode()


def test_a_tag_that_cannot_be_is_refused_in_words(northwind: CurrentAgency, maria: Client) -> None:
    with inside(northwind):
        for word in ("", "  ", "a,b", "x" * 41):
            with pytest.raises(Refused):
                tags.put_tag([maria], word, by=None)
        assert not Tag.objects.exists()


def test_notes_are_for_staff_and_the_author_or_a_manager_changes_them(
    northwind: CurrentAgency, alice: Account, jonas: Account, maria: Client
) -> None:
    browser = console_browser(alice)
    browser.post(f"{CLIENTS}{maria.pk}/notes/", {"text": "Likes <b>rooibos</b>"})
    page = browser.get(f"{CLIENTS}{maria.pk}/").content.decode()
    assert "Likes &lt;b&gt;rooibos&lt;/b&gt;" in page
    with inside(northwind):
        note = Note.objects.get()
        member = Staff.objects.get(account_id=jonas.pk)
        with pytest.raises(NotAllowed):
            notes.edit_note(note, "No", by=member)
        with pytest.raises(NotAllowed):
            notes.remove_note(note, by=member)
        assert "rooibos" not in str(list(AuditEntry.objects.values_list("summary", "change")))
    portal = portal_browser(northwind, maria)
    for path in ("/", "/profile/"):
        assert "rooibos" not in portal.get(path).content.decode()
    assert portal.get(f"/clients/{maria.pk}/notes/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("number", "1.234,50", "1234.50"),
        ("number", "12,5", "12.5"),
        ("number", "1 000", "1000"),
        ("date", "2026-02-28", "2026-02-28"),
        ("choice", "blue", "Blue"),
        ("yes_no", "Ja", True),
        ("yes_no", "no", False),
        ("link", "https://a.example/x", "https://a.example/x"),
        ("text", "  ", None),
    ],
)
def test_a_value_is_kept_as_its_kind(northwind: CurrentAgency, kind: str, typed: str, kept: Any) -> None:
    assert fields.read_value(CustomField(name="F", kind=kind, choices=["Blue"]), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "1,234"), ("number", "NaN"), ("number", "1e400"), ("number", "abc"), ("date", "2026-02-30"),
        ("date", "28.2.2026"), ("choice", "red"), ("yes_no", "maybe"), ("link", "javascript:alert(1)"),
        ("link", "ftp://a.example"), ("text", "x" * 501),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(northwind: CurrentAgency, kind: str, typed: str) -> None:
    with pytest.raises(NotValid):
        fields.read_value(CustomField(name="F", kind=kind, choices=["Blue"]), typed)


def test_details_and_own_fields_are_saved_together_or_not_at_all(
    northwind: CurrentAgency, alice: Account, alice_staff: Staff, maria: Client
) -> None:
    browser = console_browser(alice)
    new = {"name": "Budget", "about": "client", "kind": "number"}
    assert browser.post(CLIENTS + "fields/", new).status_code == 302
    assert browser.post(CLIENTS + "fields/", new).status_code == 422
    with inside(northwind):
        field = CustomField.objects.get()
    path = f"{CLIENTS}{maria.pk}/details/"
    good = {
        "phone": "+49 30 901820",
        "lead": alice_staff.pk,
        f"field_{field.pk}": "12,5",
        "zone": "Asia/Tokyo",
    }
    answer = browser.post(path, good | {f"field_{field.pk}": "much"})
    assert answer.status_code == 422 and "is no number" in answer.content.decode()
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.phone == "" and maria.custom == {} and maria.lead is None
    assert browser.post(path, good).status_code == 302
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.custom == {str(field.pk): "12.5"} and maria.lead == alice_staff
        assert maria.wants_marketing is False  # the box was not ticked
    browser.post(f"{CLIENTS}fields/{field.pk}/archive/")
    assert "Budget</dt>" not in browser.get(f"{CLIENTS}{maria.pk}/").content.decode()
    browser.post(f"{CLIENTS}fields/{field.pk}/archive/", {"back": "1"})
    assert "Budget</dt>" in browser.get(f"{CLIENTS}{maria.pk}/").content.decode()


def test_the_client_says_on_its_profile_that_it_wants_no_marketing(
    northwind: CurrentAgency, maria: Client
) -> None:
    browser = portal_browser(northwind, maria)
    assert "News and offers" in browser.get("/profile/").content.decode()
    browser.post("/profile/", {"display_name": "Maria"})
    with inside(northwind):
        maria.refresh_from_db()
        assert not maria.wants_marketing


def test_an_archived_client_is_out_of_the_lists_and_comes_back(
    northwind: CurrentAgency, alice: Account, jonas: Account, maria: Client
) -> None:
    path = f"{CLIENTS}{maria.pk}/archive/"
    assert console_browser(jonas).post(path).status_code == 403
    browser = console_browser(alice)
    assert "out of the lists" in browser.post(path, {"access": "stay"}, follow=True).content.decode()
    assert "Maria Silva" not in browser.get(CLIENTS).content.decode()
    assert "Maria Silva" in browser.get(CLIENTS + "?access=archived").content.decode()
    assert portal_browser(northwind, maria).get("/").status_code == 200
    browser.post(path, {"back": "1"}, follow=True)
    assert "Maria Silva" in browser.get(CLIENTS).content.decode()
    browser.post(path, {"access": "end"})
    assert portal_browser(northwind, maria).get("/").status_code == 302
    with inside(northwind):
        maria.refresh_from_db()
        assert maria.removed_at and maria.archived_at
        with pytest.raises(NotAllowed):
            details.unarchive(maria, by=Staff.objects.get(account_id=jonas.pk))


def test_the_export_is_harmless_and_has_no_notes(
    northwind: CurrentAgency, alice: Account, jonas: Account, maria: Client
) -> None:
    with inside(northwind):
        Client.objects.filter(pk=maria.pk).update(name="=cmd()")
        notes.write_note(maria, "secret words", by=None)
        tags.put_tag([maria], "VIP", by=None)
    assert console_browser(jonas).get(CLIENTS + "export/").status_code == 403
    text = b"".join(console_browser(alice).get(CLIENTS + "export/?tag=VIP")).decode()
    assert "'=cmd()" in text and "VIP" in text and "Brightside" in text
    assert "secret" not in text and "tom@" not in text


@pytest.mark.parametrize("path", ["fields/", "duplicates/", "imports/", "export/"])
def test_what_concerns_all_clients_is_for_owners_and_admins(
    northwind: CurrentAgency, jonas: Account, hugo: Account, maria: Client, path: str
) -> None:
    assert console_browser(jonas).get(CLIENTS + path).status_code == 403
    assert console_browser(hugo).get(CLIENTS + path).status_code == 404
    assert portal_browser(northwind, maria).get("/clients/" + path).status_code == 404
