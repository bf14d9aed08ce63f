"""The nouns of files."""

from modules.files.models.activity import Activity
from modules.files.models.files import File, FileQuerySet, Preview, Version
from modules.files.models.folders import Folder, FolderQuerySet
from modules.files.models.requests import (
    FileRequest,
    FileRequestQuerySet,
    HandIn,
    RequestItem,
    RequestItemQuerySet,
)

__all__ = [
    "Activity",
    "File",
    "FileQuerySet",
    "FileRequest",
    "FileRequestQuerySet",
    "Folder",
    "FolderQuerySet",
    "HandIn",
    "Preview",
    "RequestItem",
    "RequestItemQuerySet",
    "Version",
]
