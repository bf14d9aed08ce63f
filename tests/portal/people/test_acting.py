"""Whoever acts for several companies reads for which one a record is, and can look at one alone."""

from modules.deliverables.models import Deliverable
from modules.feedback.models import Thread
from modules.projects.models import Project
from modules.subscriptions.models import Kind, Offer
from portal.people.models import Bundle, Client, Company, CompanyMembership, Staff
from portal.waiting.queries import mailed_lines
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.modules.deliverables.scene import in_review
from tests.modules.files.owned_rows import shared_file
from tests.modules.invoices.owned_rows import invoice
from tests.modules.subscriptions.owned_rows import subscription


def test_a_label_and_a_filter_only_where_there_is_something_to_tell_apart(
    northwind: CurrentAgency, alice_staff: Staff, maria: Client, charlie: Client
) -> None:
    with inside(northwind):
        brightside, oakley = Company.objects.get(name="Brightside"), Company.objects.get(name="Oakley")
        for company, words in ((brightside, "Alpha"), (oakley, "Omega")):
            project = Project.objects.create(name=f"{words} site", company=company)
            invoice(company=company, title=f"{words} work", issued_on=northwind.today())
            made = in_review(project, alice_staff)
            Deliverable.objects.filter(pk=made.deliverable_id).update(name=f"{words} logo")
            shared_file(company=company, name=f"{words} plan.pdf")
            Thread.objects.create(subject=f"{words} question", author=charlie, company=company)
            offer = Offer.objects.create(name=f"{words} care", slug=words.lower(), kind=Kind.FREE)
            subscription(offer, company=company)
    browser = portal_browser(northwind, maria)
    assert "Brightside" not in browser.get("/").content.decode(), "there is nothing to tell apart"
    page = browser.get("/projects/").content.decode()
    assert "Alpha site" in page and "Which company" not in page and "Omega" not in page
    assert "Alpha site" in browser.get(f"/projects/?company={oakley.pk}").content.decode(), "not theirs: all"
    with inside(northwind):
        CompanyMembership.objects.create(client=maria, company=oakley, bundle=Bundle.OWNER)
    with inside(northwind):
        noted = {line.note for line in mailed_lines(maria)}
    assert {"Brightside", "Oakley"} <= {note.split(" · ")[0] for note in noted}
    home = browser.get("/").content.decode()
    assert "Brightside" in home and "Oakley" in home
    for path in ("/projects/", "/invoices/", "/deliverables/", "/files/", "/feedback/", "/subscriptions/"):
        page = browser.get(path).content.decode()
        assert "Which company" in page and "Alpha" in page and "Omega" in page, path
        assert page.count("Brightside") > 1 < page.count("Oakley"), "the tab, and each record's own"
        page = browser.get(f"{path}?company={oakley.pk}").content.decode()
        assert "Omega" in page and "Alpha" not in page, path
        for rubbish in ("0", "x", "%00", str(10**30)):
            assert "Alpha" in browser.get(f"{path}?company={rubbish}").content.decode()
