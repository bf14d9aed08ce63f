"""The agency's own programs and files."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from modules.files.models import File, HandIn
from modules.files.operations import hand_in
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside
from tests.api.conftest import Call, caller, key_for
from tests.modules.files.marked import photo
from tests.modules.files.scene import SVG, asked, sent, shared


def upload(agency: CurrentAgency, owner: str) -> int:
    browser = Browser(
        headers={"host": "app.localhost", "authorization": f"Bearer {key_for(agency, 'files:write')}"}
    )
    fields = {"files": SimpleUploadedFile("a.txt", b"hello"), "owner": owner, "words": "From the CRM"}
    answer = browser.post("/api/v1/files/", fields)
    assert answer.status_code == 201, answer.content
    return int(answer.json()[0]["id"])


def test_a_program_keeps_a_draft_shares_it_and_takes_it_back(
    northwind: CurrentAgency, tom: Client, call: Call
) -> None:
    number = upload(northwind, f"client-{tom.pk}")
    shown = call("GET", f"files/{number}/").json()
    assert (shown["shared_at"], shown["size"], shown["note"]) == (None, 5, "From the CRM")
    assert call("PUT", f"files/{number}/share/", {}).json()["shared_at"]
    with inside(northwind):
        assert File.objects.visible_to(tom).count() == 1
    assert call("DELETE", f"files/{number}/share/").json()["shared_at"] is None
    assert call("DELETE", f"files/{number}/").status_code == 204
    assert call("GET", f"files/{number}/").status_code == 404


def test_a_program_switches_names_on_where_a_file_can_bear_them(
    northwind: CurrentAgency, alice_staff: Staff, tom: Client, call: Call
) -> None:
    text = upload(northwind, f"client-{tom.pk}")
    with inside(northwind):
        picture = shared(tom, alice_staff, sent(photo(), "a.jpg"))
    answer = call("PUT", f"files/{text}/share/", {"is_marked": True})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["is_marked"]
    assert call("GET", f"files/{text}/").json()["is_marked"] is False
    for sent_on in ({"is_marked": True}, {}):
        assert call("PUT", f"files/{picture.pk}/share/", sent_on).json()["is_marked"] is True
    assert call("PUT", f"files/{picture.pk}/share/", {"is_marked": False}).json()["is_marked"] is False


def test_words_for_what_is_not_there(call: Call, tom: Client) -> None:
    link = {"owner": "company-98765", "link": "https://a.example/x", "name": "X"}
    assert list(call("POST", "files/links/", link).json()["errors"]) == ["owner"]
    bad = {**link, "owner": f"client-{tom.pk}", "link": "javascript:1"}
    assert list(call("POST", "files/links/", bad).json()["errors"]) == ["link"]
    wrong = {**link, "owner": f"client-{tom.pk}", "project_id": 98765}
    assert list(call("POST", "files/links/", wrong).json()["errors"]) == ["project_id"]
    made = call("POST", "files/links/", {**link, "owner": f"client-{tom.pk}"}).json()["id"]
    answer = call("PUT", f"files/{made}/share/", {"audience": "contacts", "contacts": [98765]})
    assert list(answer.json()["errors"]) == ["contacts"]


def test_a_request_is_asked_and_decided(
    northwind: CurrentAgency, alice_staff: Staff, tom: Client, call: Call
) -> None:
    payload = {"owner": f"client-{tom.pk}", "title": "Logo", "items": [{"name": "SVG", "formats": ["svg"]}]}
    assert call("POST", "files/requests/", payload).status_code == 201
    assert call("POST", "files/requests/", {**payload, "items": []}).status_code == 422
    with inside(northwind):
        request = asked(tom, alice_staff)
        hand_in(request.items.all()[0], files=[sent(SVG, "a.svg")], client=tom)
        number = HandIn.objects.get().pk
    refused = call("POST", f"files/hand-ins/{number}/verdict/", {"verdict": "rejected"})
    assert list(refused.json()["errors"]) == ["note"]
    decided = call("POST", f"files/hand-ins/{number}/verdict/", {"verdict": "accepted"}).json()
    assert decided["items"][0]["state"] == "accepted"
    assert len(call("GET", "files/requests/").json()["items"]) == 2


def test_a_key_of_another_agency_or_without_the_right_gets_nothing(
    northwind: CurrentAgency, harbour: CurrentAgency, tom: Client
) -> None:
    number = upload(northwind, f"client-{tom.pk}")
    assert caller(key_for(harbour))("GET", f"files/{number}/").status_code == 404
    reader = caller(key_for(northwind, "files:read"))
    assert reader("GET", f"files/{number}/").status_code == 200
    assert reader("PUT", f"files/{number}/share/", {}).status_code == 403
    assert caller(key_for(northwind, "projects:read"))("GET", "files/").status_code == 403
