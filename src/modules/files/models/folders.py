"""Folders: an owner's own tree. A folder shows nothing by itself; the files in it are shared one by one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit import clock
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord

DEEPEST = 6
MOST_PER_OWNER = 500


class FolderQuerySet(OwnedQuerySet):
    # A folder is there for all of a company's people, whenever they came.
    moment = ""

    def taking_uploads_of(self, client: Client) -> "FolderQuerySet":
        """Those into which this client may put files."""
        return self.visible_to(client).filter(takes_uploads=True)


class Folder(OwnedRecord):
    """A place for files of one company or lone client."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="folders"
    )
    takes_uploads = models.BooleanField(default=False, help_text="its clients may put files here")
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = FolderQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(
                "parent", "name", condition=Q(parent__isnull=False), name="folder_name_once"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="folder_not_in_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> list["Folder"]:
        """From the topmost folder down to this one."""
        found: list[Folder] = [self]
        while (above := found[0].parent) is not None and len(found) <= DEEPEST:
            found.insert(0, above)
        return found
