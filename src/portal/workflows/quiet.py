"""Quiet hours: nobody gets a workflow's mail at night."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.people.models import Client
from portal.workflows.models import WorkflowSettings
from tenants.agencies.current import current_agency


def quiet_until(client: Client, now: datetime) -> datetime | None:
    """When the client may be written to again; None: now."""
    settings = WorkflowSettings.load()
    begins, ends = settings.quiet_from, settings.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    here = now.astimezone(_zone(client) if settings.in_client_zone else current_agency().tzinfo)
    if not _lies_between(here.time(), begins, ends):
        return None
    end = datetime.combine(here.date(), ends, tzinfo=here.tzinfo)
    return end if end > here else end + timedelta(days=1)


def _lies_between(moment: time, begins: time, ends: time) -> bool:
    if begins < ends:
        return begins <= moment < ends
    return moment >= begins or moment < ends


def _zone(client: Client) -> ZoneInfo:
    try:
        return ZoneInfo(client.zone) if client.zone else current_agency().tzinfo
    except (ZoneInfoNotFoundError, ValueError):
        return current_agency().tzinfo
