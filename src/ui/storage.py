"""Static files named by their content, the modules' imports of one another included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """For STORAGES["staticfiles"] outside development."""

    support_js_module_import_aggregation = True
