"""Who is who inside one agency."""

from portal.people.models.addresses import EmailChange
from portal.people.models.clients import Client, ClientQuerySet, CompanyMembership
from portal.people.models.companies import BUNDLES, Bundle, Company, CompanyQuerySet, Right
from portal.people.models.google import GoogleAccount
from portal.people.models.invitations import Invitation
from portal.people.models.sessions import (
    SESSION_IDLE,
    ClientSession,
    ClientSessionQuerySet,
    FormerKey,
    SessionMove,
)
from portal.people.models.signing_in import CODE_TRIES, ClientPasskey, SignInLink, SignInLinkQuerySet
from portal.people.models.staff import Staff
from portal.people.models.team import (
    OwnershipTransfer,
    StaffInvitation,
    StaffInvitationQuerySet,
    StaffScope,
    TeamSettings,
)
from portal.people.models.viewing import VIEWING_LASTS, ViewAs

__all__ = [
    "BUNDLES",
    "Bundle",
    "CODE_TRIES",
    "Client",
    "ClientPasskey",
    "ClientQuerySet",
    "ClientSession",
    "ClientSessionQuerySet",
    "Company",
    "CompanyMembership",
    "CompanyQuerySet",
    "EmailChange",
    "FormerKey",
    "GoogleAccount",
    "Invitation",
    "OwnershipTransfer",
    "Right",
    "SESSION_IDLE",
    "SessionMove",
    "SignInLink",
    "SignInLinkQuerySet",
    "Staff",
    "StaffInvitation",
    "StaffInvitationQuerySet",
    "StaffScope",
    "TeamSettings",
    "VIEWING_LASTS",
    "ViewAs",
]
