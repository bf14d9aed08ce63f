"""The agency's own words of its mails: which count, and how they are changed, reset and brought back."""

from dataclasses import asdict
from typing import Any

from django.db import connection, transaction

from kit.refused import Refused
from portal.audit.operations import record
from portal.http import Request
from portal.mail.checking import problems_of
from portal.mail.defaults import FIELDS, Words, default_words
from portal.mail.models import Wording
from portal.module import Email
from portal.people.models import Staff
from tenants.agencies.current import current_agency


class BadWording(Refused):
    """The words cannot be used; `problems` says of each field why."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        field, words = next(iter(problems.items()))
        super().__init__(words[0], field=field)
        self.problems = problems


class NotYours(Refused):
    """Only owners and admins change what mails say."""

    words = "Only owners and admins change mails."


class ChangedMeanwhile(Refused):
    """Somebody else saved other words since the page was opened."""

    words = "Somebody changed this mail since you opened it. Your words are below; compare before you save."


def words_for(email: Email, person: Any) -> tuple[Words, str]:
    """The words that count for a person, and their language.

    In this order: the agency's own in the person's language, its own in the agency's language, and what
    the mail comes with. Own words that can no longer be used (an update took a placeholder away) are
    passed over: a mail always leaves.
    """
    agency = current_agency().language
    asked = [language for language in (_language_of(person), agency) if language]
    rows = Wording.objects.filter(email=email.key, language__in=asked).newest()
    own = {row.language: row for row in rows if not row.is_default}
    for language in asked:
        if language in own and not problems_of(email, words_of(own[language])):
            return words_of(own[language]), language
    return default_words(email), agency


def words_of(row: Wording) -> Words:
    """What a version says."""
    return Words(**{name: getattr(row, name) for name in FIELDS})


def newest_of(email: Email, language: str) -> Wording | None:
    """The version that counts; None: never changed."""
    return Wording.objects.filter(email=email.key, language=language).order_by("-pk").first()


def words_instead(email: Email, language: str) -> Words:
    """What is sent while there are no own words in this language: those in the agency's, else the default."""
    agency = current_agency().language
    row = newest_of(email, agency) if language != agency else None
    if row is not None and not row.is_default and not problems_of(email, words_of(row)):
        return words_of(row)
    return default_words(email)


def shown_words(email: Email, language: str) -> Words:
    """What the editor begins with: the agency's own words in this language, else what is sent instead."""
    return _said(email, language, newest_of(email, language))


@transaction.atomic
def change_words(
    email: Email, language: str, words: Words, *, by: Staff, seen: int, request: Request | None = None
) -> bool:
    """Let a mail say something else from now on; False when nothing differs.

    Args:
        seen: id of the version that was on the page, 0 for none.

    Raises:
        NotYours, BadWording, ChangedMeanwhile.
    """
    problems = problems_of(email, words)
    if problems:
        raise BadWording(problems)
    now = _lock(email, language, by)
    if (now.pk if now else 0) != seen:
        raise ChangedMeanwhile
    is_default = words == words_instead(email, language)
    if words == _said(email, language, now) and is_default == (now is None or now.is_default):
        return False
    _write(email, language, None if is_default else words, now, by, request)
    return True


@transaction.atomic
def reset_words(email: Email, language: str, *, by: Staff, request: Request | None = None) -> bool:
    """Put a mail back to the words it came with; False when it has them. Raises NotYours."""
    now = _lock(email, language, by)
    if now is None or now.is_default:
        return False
    _write(email, language, None, now, by, request)
    return True


@transaction.atomic
def bring_back(
    version: Wording | None, email: Email, language: str, *, by: Staff, request: Request | None = None
) -> bool:
    """Let an earlier version count again (None: the words it came with); False when it says the same.

    Raises:
        NotYours, BadWording: it holds a placeholder that the mail no longer has.
    """
    words = None if version is None or version.is_default else words_of(version)
    if words is not None and (problems := problems_of(email, words)):
        raise BadWording(problems)
    now = _lock(email, language, by)
    if _said(email, language, now) == (words or words_instead(email, language)):
        return False
    _write(email, language, words, now, by, request)
    return True


def _lock(email: Email, language: str, by: Staff) -> Wording | None:
    if not by.may_manage:
        raise NotYours
    with connection.cursor() as cursor:
        # There may be no row to lock yet; two first changes at once would both follow nothing.
        key = f"{email.key}:{language}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(%s))", [key])
    return newest_of(email, language)


def _said(email: Email, language: str, row: Wording | None) -> Words:
    return words_instead(email, language) if row is None or row.is_default else words_of(row)


def _write(
    email: Email, language: str, words: Words | None, now: Wording | None, by: Staff, request: Request | None
) -> None:
    fields = asdict(words) if words else {}
    before, after = asdict(_said(email, language, now)), asdict(words or words_instead(email, language))
    Wording.objects.create(email=email.key, language=language, by=by, is_default=words is None, **fields)
    record(
        "mail.words_changed" if words else "mail.words_reset",
        f"mail:{email.key}",
        by=by,
        summary=f"Mail “{email.label}” ({language}) {'changed' if words else 'reset'}",
        change={name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]},
        request=request,
    )


def _language_of(person: Any) -> str:
    return str(getattr(person, "language", "") or "")
