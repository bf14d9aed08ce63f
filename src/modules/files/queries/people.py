"""Whose files there are, who sees one, and who at the agency hears of it."""

from modules.files.models import File, FileRequest, Folder, RequestItem
from modules.projects.models import Project
from portal.people import charge
from portal.people.models import Client, Company, Staff
from portal.people.serving import serves

Owner = Company | Client


def word_of(owner: Owner) -> str:
    """An owner as addresses and forms name it: "company-3", "client-5"."""
    return f"{'company' if isinstance(owner, Company) else 'client'}-{owner.pk}"


def owner_of(word: str, staff: Staff | None = None) -> Owner | None:
    """The owner that a word names, if there is one whom `staff` serves (None: whoever it is)."""
    kind, _, number = word.partition("-")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == "company":
        company = Company.objects.filter(pk=number).first()
        return company if company and (staff is None or serves(staff, company)) else None
    client = Client.objects.filter(pk=number).first() if kind == "client" else None
    return client if client and (staff is None or serves(staff, client)) else None


def possible_owners(staff: Staff) -> tuple[list[Company], list[Client]]:
    """Companies, and the clients who stand alone, of those whom one serves; whoever lost access is left out."""
    alone = Client.objects.served_by(staff).with_access().filter(companies__isnull=True)
    return list(Company.objects.served_by(staff).order_by("name", "pk")), list(alone.order_by("name", "pk"))


def owner_fields(owner: Owner) -> dict[str, Owner | None]:
    """The two columns of a record of this owner."""
    is_company = isinstance(owner, Company)
    return {"company": owner if is_company else None, "client": None if is_company else owner}


def contacts_of(owner: Owner) -> list[Client]:
    """The people behind an owner who may sign in today."""
    whose = {"memberships__company": owner} if isinstance(owner, Company) else {"pk": owner.pk}
    found = Client.objects.with_access().filter(**whose)
    return list(found.order_by("name", "pk"))


def readers(file: File) -> list[Client]:
    """Who sees this file today: everybody of the owner is asked through `visible_to`, the one rule."""
    return [
        client
        for client in contacts_of(file.owner)
        if File.objects.visible_to(client).filter(pk=file.pk).exists()
    ]


def asked(request: FileRequest) -> list[Client]:
    """Whom a request asks: who may sign in today and sees it."""
    return [
        client
        for client in contacts_of(request.owner)
        if FileRequest.objects.visible_to(client).filter(pk=request.pk).exists()
    ]


def staff_to_tell(owner: Owner, *, project: Project | None = None, first: Staff | None = None) -> list[Staff]:
    """The project's lead, else who asked or made it, as far as they see the owner; else the agency's owners."""
    for staff in (project.lead if project else None, first):
        if able := charge.able(staff, owner):
            return [able]
    return list(Staff.objects.filter(role=Staff.Role.OWNER, is_active=True).order_by("pk"))


def may_send(client: Client) -> bool:
    """Whether there is any place where this client may put a file: a folder, or an item that is wanted."""
    return (
        Folder.objects.taking_uploads_of(client).exists()
        or RequestItem.objects.visible_to(client).wanted().exists()
    )
