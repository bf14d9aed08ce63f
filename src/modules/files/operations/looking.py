"""That somebody looked at a file or took it: noted for staff, once per person, deed and day."""

from modules.files.models import Activity, File, Version
from portal.agency import current_agency
from portal.people.models import Client, Staff


def note(
    file: File,
    did: Activity.Did,
    *,
    client: Client | None = None,
    staff: Staff | None = None,
    version: Version | None = None,
) -> None:
    """Write it down unless it was today already. Nobody's deed (the system's) is not noted."""
    if client is None and staff is None:
        return
    Activity.objects.bulk_create(
        [
            Activity(
                file=file,
                version=version or file.current,
                client=client,
                staff=None if client else staff,
                did=did,
                day=current_agency().today(),
            )
        ],
        ignore_conflicts=True,
    )
