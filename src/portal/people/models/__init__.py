"""Who is who inside one agency."""

from portal.people.models.addresses import EmailChange
from portal.people.models.clients import Client, ClientQuerySet, CompanyMembership
from portal.people.models.companies import BUNDLES, Bundle, Company, Right
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
    "EmailChange",
    "FormerKey",
    "GoogleAccount",
    "Invitation",
    "Right",
    "SESSION_IDLE",
    "SessionMove",
    "SignInLink",
    "SignInLinkQuerySet",
    "Staff",
]
