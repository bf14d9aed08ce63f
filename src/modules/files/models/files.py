"""Files, their versions, and the pictures that stand for them on a page."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kit import clock
from modules.files.models.folders import Folder
from modules.projects.models import Project
from portal.agency import current_agency
from portal.people.models import Client, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord
from portal.uploads.models import Upload

# How long a deleted file can be brought back.
TRASH_FOR = timedelta(days=30)


class FileQuerySet(OwnedQuerySet):
    # Who sees a company "from now on" sees what is shared from then on.
    moment = "shared_at"
    lead_paths = ("project__lead",)

    def there(self) -> "FileQuerySet":
        """Not in the trash."""
        return self.filter(deleted_at__isnull=True)

    def in_trash(self) -> "FileQuerySet":
        """Deleted, and still to be brought back."""
        return self.filter(deleted_at__isnull=False)

    def shared(self) -> "FileQuerySet":
        """Explicitly shared, and today is not past the share's last day, in the agency's zone."""
        today = current_agency().today()
        return self.there().filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=today), shared_at__isnull=False
        )

    def visible_to(self, client: Client) -> "FileQuerySet":
        """What was shared with this client: never a draft, nothing expired, nothing for other contacts."""
        projects = Project.objects.visible_to(client).values("pk")
        whose = ~Q(audience=File.Audience.PROJECT) | Q(project__in=projects)
        return super().visible_to(client).shared().filter(whose)

    def for_lists(self) -> "FileQuerySet":
        """With what a list prints of each."""
        return self.select_related("company", "client", "project", "folder", "current__upload")


class File(OwnedRecord):
    """One thing that is shared, under a lasting address: stored bytes with versions, or a link elsewhere."""

    class Audience(models.TextChoices):
        OWNER = "owner", "Everybody of the company"
        CONTACTS = "contacts", "Chosen contacts"
        PROJECT = "project", "Whoever sees the project"

    name = models.CharField(max_length=255)
    note = models.TextField(blank=True, help_text="the client reads it")
    folder = models.ForeignKey(Folder, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    link = models.URLField(max_length=2000, blank=True, help_text="https, to another service; no versions")
    # RESTRICT: what is shown cannot be deleted from under its file, by the database.
    current = models.OneToOneField(
        "Version", null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    shared_at = models.DateTimeField(null=True, blank=True, help_text="empty: a draft, for staff only")
    shared_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.OWNER)
    expires_on = models.DateField(null=True, blank=True, help_text="last day, agency's zone")
    can_download = models.BooleanField(default=True, help_text="off: only looked at")
    is_marked = models.BooleanField(default=False, help_text="clients get copies that bear their name")
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_by = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="a client's own"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = FileQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        constraints: ClassVar = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(link="") | Q(link__regex="^https://"), name="file_link_is_https"
            ),
            models.CheckConstraint(
                condition=~Q(audience="project") | Q(project__isnull=False) | Q(shared_at__isnull=True),
                name="file_for_project_has_one",
            ),
        ]
        indexes: ClassVar = [models.Index(F("shared_at").desc(nulls_last=True), name="file_newest_shared")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether a client sees it today."""
        return self.shared_at is not None and self.deleted_at is None and not self.is_expired

    @property
    def is_expired(self) -> bool:
        """Whether the share's last day is over, in the agency's zone."""
        return self.expires_on is not None and self.expires_on < current_agency().today()

    @property
    def bringable_until(self) -> datetime | None:
        """Until when it can be taken out of the trash."""
        return self.deleted_at + TRASH_FOR if self.deleted_at else None


class Version(models.Model):
    """The bytes of a file at one time. Numbered from 1 and never overwritten."""

    class Check(models.TextChoices):
        NONE = "none", ""
        WAITING = "waiting", "Being checked"
        CLEAN = "clean", "Checked"
        INFECTED = "infected", "Harmful"
        UNCHECKED = "unchecked", "Too large to be checked"

    SERVED: ClassVar = (Check.NONE, Check.CLEAN)

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True, help_text="what changed")
    check_state = models.CharField(max_length=9, choices=Check.choices, default=Check.NONE)
    check_words = models.CharField(max_length=120, blank=True, help_text="what the scanner found")
    pages = models.PositiveSmallIntegerField(default=0, help_text="of a PDF")
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_by = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "number"], name="file_version_number_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def is_served(self) -> bool:
        """Whether anybody may have its bytes: not while it is being checked, never when harmful."""
        return self.check_state in self.SERVED

    @property
    def kind(self) -> str:
        """How a page shows it: image, pdf, video, audio; "" for what is only downloaded."""
        upload = self.upload
        shapes = {"image": upload.is_image, "pdf": upload.is_pdf, "video": upload.is_video}
        shapes["audio"] = upload.is_audio
        return next((kind for kind, fits in shapes.items() if fits), "")


class Preview(models.Model):
    """A version's picture (page 1), or one page of a PDF, drawn anew: what "only looked at" shows."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="previews")
    page = models.PositiveSmallIntegerField()
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["page"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "page"], name="one_preview_per_page")
        ]

    def __str__(self) -> str:
        return f"page {self.page} of {self.version}"
