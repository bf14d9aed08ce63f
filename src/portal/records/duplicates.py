"""Clients who may be one person: the same address but for case and "+words", the same phone, a similar name."""

from dataclasses import dataclass

from django.db import OperationalError, connection, transaction

from portal.people.models import Client, Staff
from portal.records.models import NoDuplicate

MOST = 50
# Names are compared for the newest clients only: each of them is one look into the index.
NEWEST = 500
NAMES_MS = 5000
ALIKE = 0.5  # pg_trgm similarity; "Tom Becker" and "Tom Bekker" are 0.57

_LISTED = "erased_at IS NULL AND NOT is_example AND archived_at IS NULL"
_TOLD_APART = """
  SELECT 1 FROM records_noduplicate n WHERE (n.first_id, n.second_id) IN ((first, second), (second, first))
"""
_SAME = f"""
WITH people AS (SELECT id, phone, lower(regexp_replace(email, '[+][^@]*@', '@')) AS address
                FROM people_client WHERE {_LISTED}),
pairs AS (
  SELECT a.id AS first, b.id AS second, 3 AS weight, 'Same e-mail address' AS reason
  FROM people a JOIN people b ON a.address = b.address AND a.id < b.id
  UNION ALL
  SELECT a.id, b.id, 2, 'Same phone number'
  FROM people a JOIN people b ON a.phone = b.phone AND a.phone <> '' AND a.id < b.id
)
SELECT first, second, string_agg(reason, ', ' ORDER BY weight DESC) FROM pairs
WHERE NOT EXISTS ({_TOLD_APART})
GROUP BY first, second ORDER BY max(weight) DESC, first DESC LIMIT %s
"""
_ALIKE = f"""
WITH newest AS (SELECT id, name FROM people_client WHERE {_LISTED} AND name <> '' ORDER BY id DESC LIMIT %s),
pairs AS (
  SELECT DISTINCT least(a.id, b.id) AS first, greatest(a.id, b.id) AS second,
         extensions.similarity(upper(a.name), upper(b.name)) AS alike
  FROM newest a CROSS JOIN LATERAL (
    SELECT id, name FROM people_client b WHERE upper(b.name) %% upper(a.name) AND b.id <> a.id AND {_LISTED}
  ) b
)
SELECT first, second, 'Similar name' FROM pairs WHERE NOT EXISTS ({_TOLD_APART}) ORDER BY alike DESC LIMIT %s
"""


@dataclass(frozen=True)
class Pair:
    """Two clients, and why they may be one."""

    first: Client
    second: Client
    reason: str


@dataclass(frozen=True)
class Suggested:
    """At most 50 pairs, the surest first; whether names could be compared in the time there is."""

    pairs: list[Pair]
    with_names: bool


def suggested() -> Suggested:
    """Clients who may be one person."""
    with connection.cursor() as cursor:
        cursor.execute(_SAME, [MOST])
        found = {(first, second): reason for first, second, reason in cursor.fetchall()}
    alike = _alike()
    for first, second, reason in alike or []:
        found[(first, second)] = f"{found[(first, second)]}, {reason}" if (first, second) in found else reason
    shown = list(found.items())[:MOST]
    clients = Client.objects.in_bulk({pk for both, _ in shown for pk in both})
    named = [Pair(clients[first], clients[second], reason) for (first, second), reason in shown]
    return Suggested(named, with_names=alike is not None)


def _alike() -> list[tuple[int, int, str]] | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            words = {
                "pg_trgm.similarity_threshold": ALIKE,
                "statement_timeout": NAMES_MS,
                "enable_seqscan": "off",
            }
            for name, value in words.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [name, str(value)])
            cursor.execute(_ALIKE, [NEWEST, MOST])
            found: list[tuple[int, int, str]] = cursor.fetchall()
            cursor.execute("RESET statement_timeout; RESET enable_seqscan")
            return found
    except OperationalError:
        # Thousands who are all called alike: the sure reasons are shown, the page does not wait for the rest,
        # and says so.
        return None


def are_two(one: Client, other: Client, *, by: Staff) -> None:
    """Remember that these are two people; they are not suggested again."""
    first, second = sorted([one.pk, other.pk])
    NoDuplicate.objects.get_or_create(first_id=first, second_id=second, defaults={"said_by": by})
