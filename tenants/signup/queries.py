"""What is taken."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import CharField, Expression, F, Func, Value
from django.db.models.functions import Replace

from tenants.agencies.models import Agency
from tenants.signup import slugs


def free_slugs(candidates: Iterable[str]) -> set[str]:
    """Those that no agency has and that no agency's address can be mistaken for."""
    by_skeleton: dict[str, list[str]] = {}
    for slug in candidates:
        by_skeleton.setdefault(slugs.skeleton(slug), []).append(slug)
    agencies = Agency.objects.annotate(skeleton=_skeleton()).filter(skeleton__in=by_skeleton)
    taken = set(agencies.values_list("skeleton", flat=True))
    return {slug for seen, alike in by_skeleton.items() if seen not in taken for slug in alike}


def problem_with(slug: str) -> str:
    """Why this address cannot be had, in words; "" if it can."""
    if words := slugs.problem(slug, platform=settings.PORTICO_NAME):
        return words
    return "" if free_slugs([slug]) else "Somebody has this address, or one that looks like it."


def suggest(*words: str) -> list[str]:
    """Three free addresses near to the first of `words` that is not empty."""
    wanted = next((word for word in words if slugs.tidy(word)), "")
    return slugs.suggestions(wanted, platform=settings.PORTICO_NAME, free=free_slugs)


def _skeleton() -> Expression:
    # slugs.skeleton() as the database says it; tests hold the two together.
    seen: Expression = Replace(F("slug"), Value("-"), Value(""))
    seen = Func(seen, *map(Value, slugs.LOOKS_LIKE), function="translate", output_field=CharField())
    for pair, letter in slugs.PAIRS:
        seen = Replace(seen, Value(pair), Value(letter))
    return seen
