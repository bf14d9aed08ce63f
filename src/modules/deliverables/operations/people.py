"""What becomes of decisions and comments when clients are merged or erased."""

from django.db.models import Exists, OuterRef

from kit import clock
from modules.deliverables.models import Comment, Decision
from portal.people.models import Client

GONE_WORDS = "(Removed: this person was erased.)"


def merge_clients(kept: int, gone: int) -> None:
    """Where both decided on one version, the kept client's decision stands."""
    standing = Decision.objects.filter(undone_at=None)
    theirs = standing.filter(client=kept, version=OuterRef("version"))
    twice = list(standing.filter(Exists(theirs), client=gone).values_list("pk", flat=True))
    Decision.objects.filter(pk__in=twice).update(undone_at=clock.now())


def erase_client(client: Client) -> None:
    """Decisions stay, they prove what was approved; words that the person wrote go."""
    Comment.objects.filter(client=client).update(text=GONE_WORDS)
