"""What an agency can buy."""

from django.db import models


class Plan(models.IntegerChoices):
    """Ordered: a higher plan opens all that a lower one opens."""

    STARTER = 1, "Starter"
    GROWTH = 2, "Growth"
    SCALE = 3, "Scale"
