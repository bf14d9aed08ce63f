"""Files that nothing points at any more, and bytes without a row: both go after a day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, connection, models, transaction

from kit import clock
from portal.uploads.models import BigUpload, Upload
from portal.uploads.writing import folder_of
from tenants.agencies.current import current_agency

# Longer than any form or job may lie between storing a file and pointing at it.
KEPT_FOR = timedelta(hours=24)
AT_ONCE = 500
log = logging.getLogger(__name__)


def pointers() -> list[models.Field[Any, Any]]:
    """Every foreign key to Upload, of any module, from the models themselves.

    A new module's files are kept because its model has the key; there is no list to forget it in. Whoever
    keeps an upload's id in any other way (JSON, text) has to keep a row with a key beside it.
    """
    related = Upload._meta.get_fields(include_hidden=True)
    keys = [relation.field for relation in related if isinstance(relation, models.ManyToOneRel)]
    # That an upload came in parts keeps nothing.
    return [key for key in keys if key.model is not BigUpload]


def orphans() -> models.QuerySet[Upload]:
    """Uploads older than a day that no row points at."""
    found = Upload.objects.filter(created_at__lt=clock.now() - KEPT_FOR)
    for key in pointers():
        # The base manager: a row that its model hides (removed, internal) points all the same.
        pointing = key.model._base_manager.filter(**{key.name: models.OuterRef("pk")})
        found = found.exclude(models.Exists(pointing))
    return found


def sweep() -> int:
    """Remove the current agency's orphans and stray bytes; how many files went."""
    removed = sum(_remove(upload) for upload in orphans().order_by("created_at")[:AT_ONCE])
    for key in list(islice(_stray_keys(), AT_ONCE)):
        default_storage.delete(key)
        removed += 1
    return removed


def remove_all_of(schema_name: str) -> int:
    """Remove every byte that an agency has stored, whose schema is gone; how many files went."""
    if not schema_name or "/" in schema_name or "." in schema_name:
        raise ValueError(schema_name)
    # Read in portions and removed in between: what is listed is never what is being removed.
    removed, moment = 0, clock.now() + KEPT_FOR
    while keys := list(islice(_keys_before(folder_of(schema_name), moment), AT_ONCE)):
        for key in keys:
            default_storage.delete(key)
        removed += len(keys)
    return removed


def _remove(upload: Upload) -> bool:
    """Straight in SQL: should a row have begun to point here meanwhile, its foreign key refuses the deletion.

    Django's own deletion would carry on_delete out in Python and take that row along.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM uploads_bigupload WHERE upload_id = %s", [upload.pk])
            cursor.execute("DELETE FROM uploads_upload WHERE id = %s", [upload.pk])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        log.info("upload %s found an owner after a day", upload.pk)
        return False
    default_storage.delete(upload.storage_key)
    return True


def _stray_keys() -> Iterator[str]:
    """Keys in this agency's folder without a row: what a rollback after writing leaves behind."""
    root = folder_of(current_agency().schema_name)
    old = _keys_before(root, clock.now() - KEPT_FOR)
    while keys := list(islice(old, AT_ONCE)):
        known = set(Upload.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
        yield from (key for key in keys if key not in known)


def _keys_before(root: str, moment: datetime) -> Iterator[str]:
    """Keys under `root` that were last written before `moment`."""
    if isinstance(default_storage, FileSystemStorage):
        return _on_disk(root, moment)
    return _in_bucket(root, moment)


def _on_disk(root: str, moment: datetime) -> Iterator[str]:
    if not default_storage.exists(root):
        return
    for folder in default_storage.listdir(root)[0]:
        for name in default_storage.listdir(f"{root}{folder}")[1]:
            key = f"{root}{folder}/{name}"
            if default_storage.get_modified_time(key) < moment:
                yield key


def _in_bucket(root: str, moment: datetime) -> Iterator[str]:
    # A thousand keys with their dates per question; the storage's own listdir would ask for each date.
    store: Any = default_storage
    pages = store.connection.meta.client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=store.bucket_name, Prefix=root):
        yield from (row["Key"] for row in page.get("Contents", ()) if row["LastModified"] < moment)
