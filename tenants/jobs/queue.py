"""The Django app of the broker's tables, with our broker in it.

Not in an apps.py: dramatiq-postgres' own AppConfig must not be found twice.
"""

import dramatiq
from django.conf import settings
from django.utils.module_loading import import_string
from dramatiq_postgres.django.apps import DramatiqPostgresConfig, connection_kwargs
from dramatiq_postgres.django.middleware import DbConnectionsMiddleware

from tenants.jobs.broker import OutboxBroker


class QueueConfig(DramatiqPostgresConfig):  # type: ignore[misc]  # dramatiq-postgres has no types
    """Makes the configured broker the current one."""

    def ready(self) -> None:
        middleware = [import_string(path)() for path in settings.JOB_MIDDLEWARE]
        middleware.append(DbConnectionsMiddleware())
        if settings.BROKER_URL:
            from tenants.jobs.relay import RelayedBroker

            dramatiq.set_broker(RelayedBroker(url=settings.BROKER_URL, middleware=middleware))
            return
        self.broker = OutboxBroker(
            url=connection_kwargs(), middleware=middleware, results=False, **settings.JOB_BROKER_OPTIONS
        )
        dramatiq.set_broker(self.broker)
