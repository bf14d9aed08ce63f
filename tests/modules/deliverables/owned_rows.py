"""Rows of deliverables."""

from modules.deliverables.models import Deliverable
from tests.modules.projects.owned_rows import project
from tests.owned_rows import OwnedRow

ROWS = {
    Deliverable: OwnedRow(lambda **owner: Deliverable.objects.create(project=project(**owner), name="Logo"))
}
