"""Static files named by their content, the imports between our own modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# A bare `import "./menus.js";`, the only kind our modules use.
_IMPORT = (r"""(?P<matched>import\s*['"](?P<url>\./.*?)["']\s*;)""", """import "%(url)s";""")


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """For STORAGES["staticfiles"] outside development.

    Django's support_js_module_import_aggregation would read the libraries' files, too, and django-htmx ships one
    whose imports lead nowhere: collectstatic would fail on it. So only files under ui/js/ are read.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("ui/js/*.js", (_IMPORT,)))
