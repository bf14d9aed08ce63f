"""Sets of rights: what goes together, and how a set is called."""

from collections.abc import Iterable

from portal.people.models import BUNDLES, Bundle, CompanyMembership, Right


def whole(rights: Iterable[str]) -> list[Right]:
    """These rights in their usual order; who may pay sees what is paid."""
    wanted = {Right(right) for right in rights}
    if Right.PAY in wanted:
        wanted.add(Right.VIEW_MONEY)
    return [right for right in Right if right in wanted]


def bundle_of(rights: Iterable[str], wanted: str = "") -> Bundle | None:
    """The usual set that these rights are, `wanted` if two are the same; None: chosen one by one."""
    chosen = set(whole(rights))
    fitting = [bundle for bundle, held in BUNDLES.items() if set(held) == chosen]
    if wanted in fitting:
        return Bundle(wanted)
    return fitting[-1] if fitting else None


def name_of(membership: CompanyMembership) -> str:
    """How the console and the team's page call what somebody may do."""
    bundle = bundle_of(membership.rights, membership.bundle)
    return str(bundle.label) if bundle else "Own choice"


def words_of(rights: Iterable[str]) -> str:
    """The rights in words; without any, one looks only."""
    held = set(rights)
    return ", ".join(str(right.label) for right in Right if right in held) or "Looks only"
