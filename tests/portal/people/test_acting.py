"""Whoever acts for several companies reads for which one a record is, and can look at one alone."""

from modules.projects.models import Project
from portal.people.models import Bundle, Client, Company, CompanyMembership
from tenants.agencies.current import CurrentAgency, inside
from tests.cast import portal_browser
from tests.modules.invoices.owned_rows import invoice


def test_a_label_and_a_filter_only_where_there_is_something_to_tell_apart(
    northwind: CurrentAgency, maria: Client, charlie: Client
) -> None:
    with inside(northwind):
        brightside, oakley = Company.objects.get(name="Brightside"), Company.objects.get(name="Oakley")
        for company, words in ((brightside, "Alpha"), (oakley, "Omega")):
            Project.objects.create(name=f"{words} site", company=company)
            invoice(company=company, title=f"{words} work", issued_on=northwind.today())
    browser = portal_browser(northwind, maria)
    page = browser.get("/projects/").content.decode()
    assert "Alpha site" in page and "Which company" not in page and "Omega" not in page
    assert "Alpha site" in browser.get(f"/projects/?company={oakley.pk}").content.decode(), "not theirs: all"
    with inside(northwind):
        CompanyMembership.objects.create(client=maria, company=oakley, bundle=Bundle.OWNER)
    for path in ("/projects/", "/invoices/"):
        page = browser.get(path).content.decode()
        assert "Which company" in page and "Alpha" in page and "Omega" in page
        page = browser.get(f"{path}?company={oakley.pk}").content.decode()
        assert "Omega" in page and "Alpha" not in page
        for rubbish in ("0", "x", "%00", str(10**30)):
            assert "Alpha" in browser.get(f"{path}?company={rubbish}").content.decode()
