"""In which languages an agency may write its mails: its own, and those that its clients chose."""

from dataclasses import dataclass

from django.conf import settings

from portal.people.models import Client
from tenants.agencies.current import current_agency


@dataclass(frozen=True)
class Language:
    """One language of the agency's mails; `is_own`: what everybody gets who has no words in another one."""

    code: str
    name: str
    is_own: bool


def languages_of_mails() -> list[Language]:
    """The agency's language first, then its clients', by name."""
    own, names = current_agency().language, dict(settings.LANGUAGES)
    chosen = Client.objects.exclude(language="").values_list("language", flat=True).distinct()
    others = sorted({(str(names.get(code, code)), code) for code in chosen if code != own})
    first = Language(own, str(names.get(own, own)), is_own=True)
    return [first, *(Language(code, name, is_own=False) for name, code in others)]
