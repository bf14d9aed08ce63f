"""Several files as one ZIP, made while it is sent: nothing of it is in memory or on our disk as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from zipstream import ZIP_STORED, ZipStream

from kit.refused import Refused
from modules.files.models import File, Folder
from modules.files.operations.marking import Reader, copy_for
from portal.agency import streamed
from portal.uploads.models import Upload
from portal.uploads.operations import in_words
from portal.uploads.writing import CHUNK_BYTES, clean_name

MOST_FILES = 500
MOST_BYTES = 4 * 1024**3
# Each is drawn anew while the archive is sent, and somebody waits for it.
MOST_MARKED = 50


class NoZip(Refused):
    """There is nothing to download together, or too much."""


@dataclass(frozen=True)
class Archive:
    """A ZIP that is about to be sent. Its size is not known before, where copies are made on the way."""

    name: str
    files: list[File]
    blocks: Iterator[bytes]
    size: int | None


def zip_of(
    files: Iterable[File], *, name: str, reader: Reader | None = None, top: Folder | None = None
) -> Archive:
    """The files as an archive, in their folders. Whoever calls has decided that the person may have them.

    Links, what is only looked at (for clients) and what is being checked are left out.

    Args:
        reader: the client who gets it, whose name is on the copies; None: staff, who get what is stored.
        top: the folder that is downloaded; those above it are left out of the paths.

    Raises:
        NoZip: nothing is left, or it is too much.
    """
    chosen = [file for file in files if _is_in(file, for_client=reader is not None)][: MOST_FILES + 1]
    bearing = {file.pk for file in chosen if reader and file.is_marked}
    total = sum(file.current.upload.size for file in chosen if file.current)
    if not chosen:
        raise NoZip("There is nothing here that can be downloaded together.")
    if len(chosen) > MOST_FILES:
        raise NoZip(f"These are more than {MOST_FILES} files. Choose fewer.")
    if total > MOST_BYTES:
        raise NoZip(f"Together these are more than {in_words(MOST_BYTES)}. Choose fewer.")
    if len(bearing) > MOST_MARKED:
        raise NoZip(f"Your name is put on more than {MOST_MARKED} of these files. Choose fewer.")
    # Stored, not packed: pictures, films and PDFs are packed already, and the size is known before it is sent.
    archive = ZipStream(compress_type=ZIP_STORED, sized=not bearing)
    taken: set[str] = set()
    for file in chosen:
        assert file.current is not None
        upload = file.current.upload
        place = _place(file, top, taken)
        if reader and file.pk in bearing:
            archive.add(_copy(reader, upload), place)
        else:
            archive.add(_blocks(upload.storage_key), place, size=upload.size)
    size = None if bearing else len(archive)
    return Archive(f"{clean_name(name)}.zip", chosen, streamed(iter(archive)), size)


def _is_in(file: File, *, for_client: bool) -> bool:
    if file.link or file.current is None or not file.current.is_served:
        return False
    return file.can_download or not for_client


def _copy(reader: Reader, upload: Upload) -> Iterator[bytes]:
    """Made when its turn comes. If it cannot be, the archive breaks off: the original is never in it."""
    yield copy_for(reader, upload)


def _blocks(key: str) -> Iterator[bytes]:
    """Opened when its turn comes, so that at any time one file is open."""
    with default_storage.open(key) as opened:
        while block := opened.read(CHUNK_BYTES):
            yield block


def _place(file: File, top: Folder | None, taken: set[str]) -> str:
    """A path in the archive that nothing else has; never one that leads out of it."""
    folders = [clean_name(one.name) for one in file.folder.path] if file.folder else []
    folders = folders[len(top.path) :] if top else folders
    name = clean_name(file.name)
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    path, number = "/".join([*folders, name]), 1
    while path.lower() in taken:
        number += 1
        path = "/".join([*folders, f"{stem} ({number}){dot}{ending}"])
    taken.add(path.lower())
    return path
