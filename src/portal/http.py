"""The request as it reaches a view of a portal, a console or the API."""

from typing import TYPE_CHECKING

from portal.branding.models import PortalSettings
from portal.people.models import Client, ClientSession, Staff, ViewAs
from tenants.routing.http import AgencyRequest

if TYPE_CHECKING:
    from datetime import date

    from portal.apikeys.models import ApiKey
    from portal.gate import Can
    from portal.module import Module


class Request(AgencyRequest):
    """What routing, sessions and the gate have put on it. Only for types: Django makes the object.

    On a portal `client` and `client_session` are set unless the view is an open page (then they may be
    None); in a console `staff` is; in the API `api_key` and its maker as `staff`.
    """

    client: Client
    client_session: ClientSession
    # Set while staff look at the portal as `client`, who then has no session; else None.
    viewing: "ViewAs | None"
    staff: Staff
    portal_settings: PortalSettings
    module: "Module | None"
    can: "Can"
    api_key: "ApiKey"
    # From when on this member of staff may not work here any more without a second factor; None: has one, or
    # nobody asks for it.
    lacks_second_factor_from: "date | None"
