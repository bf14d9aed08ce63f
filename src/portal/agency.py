"""The current agency, as modules may know it: they see nothing else of tenants but plans."""

from tenants.agencies.current import CurrentAgency, NoAgency, current_agency

__all__ = ["CurrentAgency", "NoAgency", "current_agency"]
