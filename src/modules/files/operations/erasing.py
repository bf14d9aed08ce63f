"""What of files goes with a person who is erased."""

from modules.files.models import File, FileRequest, Folder, Version
from portal.people.models import Client
from portal.uploads.operations import discard


def erase_client(client: Client) -> None:
    """Remove every file, folder and request of a lone client; a company's files stay the company's."""
    mine = list(
        File.objects.filter(client=client).select_for_update(of=("self",)).values_list("pk", flat=True)
    )
    versions = Version.objects.filter(file__in=mine).select_related("upload")
    stored = []
    for version in versions.prefetch_related("previews__upload"):
        stored += [version.upload, *(preview.upload for preview in version.previews.all())]
    FileRequest.objects.filter(client=client).delete()
    File.objects.filter(pk__in=mine).update(current=None)
    File.objects.filter(pk__in=mine).delete()
    Folder.objects.filter(client=client).update(parent=None)
    Folder.objects.filter(client=client).delete()
    for upload in stored:
        discard(upload)
