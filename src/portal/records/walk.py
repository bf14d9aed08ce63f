"""Everything in an agency's schema that points to a client. The models are asked: a new table is not forgotten."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.people.models import Client

Reference = tuple[type[models.Model], "models.ForeignKey[Any, Any]"]


def agency_models() -> list[type[models.Model]]:
    """Every model whose rows are in an agency's schema."""
    inside = [config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]
    return [
        one for config in inside for one in config.get_models(include_auto_created=True) if one._meta.managed
    ]


def references() -> list[Reference]:
    """Every foreign key to a client, with its model."""
    return [
        (model, field)
        for model in agency_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Client
    ]


def lists_of_clients() -> list[tuple[type[models.Model], str]]:
    """Every array of client ids: `private_to` of records."""
    return [
        (model, field.name)
        for model in agency_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ArrayField) and field.name == "private_to"
    ]


def goes_with_client(field: "models.ForeignKey[Any, Any]") -> bool:
    """Whether a row means nothing without its client: it would be deleted with it."""
    return field.remote_field.on_delete is models.CASCADE


def stays_without_client(field: "models.ForeignKey[Any, Any]") -> bool:
    """Whether a row only forgets its client."""
    return field.remote_field.on_delete is models.SET_NULL
