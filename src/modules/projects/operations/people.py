"""What becomes of comments when a client is erased."""

from modules.projects.models import UpdateComment
from portal.people.models import Client

GONE_WORDS = "(Removed: this person was erased.)"


def erase_client(client: Client) -> None:
    """The talk stays readable; words that the person wrote go."""
    UpdateComment.objects.filter(client=client).update(text=GONE_WORDS)
