"""The portal's looks and switches: one row per agency, one row per section."""

from typing import ClassVar

from django.db import models

from portal.uploads.models import Upload

DEFAULT_ACCENT = "#4f46e5"


class PortalSettings(models.Model):
    """The one row of settings; made with the schema."""

    is_open = models.BooleanField(default=True, help_text="off: clients see a short note instead")
    title = models.CharField(max_length=80, blank=True, help_text="empty: the agency's name")
    accent = models.CharField(max_length=7, default=DEFAULT_ACCENT)
    logo = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    agency_logo = models.ForeignKey(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    favicon = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    login_image = models.ForeignKey(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    welcome = models.TextField(blank=True, help_text="sanitised HTML, made from welcome_source")
    welcome_source = models.TextField(blank=True, help_text="Markdown, as written")
    support_email = models.EmailField(blank=True)
    checklist_hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "portal settings"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_settings")]

    def __str__(self) -> str:
        return "portal settings"


class Section(models.Model):
    """How one module appears on this portal. No row: the declaration's own name and order, on."""

    module = models.CharField(max_length=40, unique=True)
    is_on = models.BooleanField(default=True)
    name = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.module
