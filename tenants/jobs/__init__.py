"""Queued work: Postgres is the broker, enqueueing is part of the business transaction (the outbox).

`public_job` is for work of the platform; work inside an agency uses `portal.jobs.job`.
"""
