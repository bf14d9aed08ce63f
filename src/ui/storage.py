"""Static files named by their content, the modules' imports of one another included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """For STORAGES["staticfiles"] outside development."""

    support_js_module_import_aggregation = True
