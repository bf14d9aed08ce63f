"""All defects, in the order of the rules."""

from tests.planted import booking, keeping, receiving

DEFECTS = sorted([*receiving.DEFECTS, *booking.DEFECTS, *keeping.DEFECTS], key=lambda one: one.rule)
RULES = range(1, 16)
