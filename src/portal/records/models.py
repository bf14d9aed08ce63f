"""Tags, notes, the agency's own fields, and where merged clients went."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from kit import clock
from portal.people.models import Client, Staff


class Tag(models.Model):
    """A word that staff put on clients."""

    name = models.CharField(max_length=40)
    clients = models.ManyToManyField(Client, through="Tagging", related_name="tags")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="tag_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """That a client has a tag."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="taggings")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tag", "client"], name="tagged_once")]

    def __str__(self) -> str:
        return f"{self.client}: {self.tag}"


class Note(models.Model):
    """What staff write down about a client. Never on a portal, never in what a client is given of its data."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=5000)
    written_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    is_pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-is_pinned", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]


class FieldQuerySet(models.QuerySet["CustomField"]):
    def active(self, about: str = "client") -> "FieldQuerySet":
        """Those that forms show, in the agency's order."""
        return self.filter(about=about, archived_at__isnull=True).order_by("position", "pk")


class CustomField(models.Model):
    """A field of the agency's own. Its values are in `custom` of clients and companies, by its id."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"
        YES_NO = "yes_no", "Yes or no"
        LINK = "link", "Link"

    class About(models.TextChoices):
        CLIENT = "client", "Clients"
        COMPANY = "company", "Companies"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.TEXT)
    about = models.CharField(max_length=7, choices=About.choices, default=About.CLIENT)
    choices = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, help_text="values are kept")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = FieldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "about", Lower("name"), condition=models.Q(archived_at=None), name="field_name_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FormerClient(models.Model):
    """A client that was merged into another: its old id and address lead there."""

    former_id = models.BigIntegerField(unique=True)
    email = models.EmailField(max_length=254)
    kept = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="former")
    merged_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    merged_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(Lower("email"), name="former_client_email")]

    def __str__(self) -> str:
        return f"{self.email} → {self.kept}"


class NoDuplicate(models.Model):
    """That two clients who look alike are two people; `first` has the smaller id."""

    first = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["first", "second"], name="two_people_once")]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"
