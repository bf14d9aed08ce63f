"""The hash that says which bytes were looked at."""

import hashlib

from modules.deliverables.models import Version


def version_sha256(version: Version) -> str:
    """The hex SHA-256 over the SHA-256 (hex, lower case) of each file of the version, in their order.

    Anybody who holds the files can repeat it: `sha256sum` of each, the hex digests joined without
    separators, `sha256sum` of that.
    """
    whole = hashlib.sha256()
    for sha256 in version.files.order_by("position", "pk").values_list("upload__sha256", flat=True):
        whole.update(sha256.encode())
    return whole.hexdigest()
