"""The edge agent: keeps a folder of certificates like the table of bundles, and serves on when all else is dead.

`python -m infra.edge.agent`. It runs beside nginx or Caddy on every edge, needs the database's address and
CERTIFICATE_KEYS, and no Django settings. docs/operations.md says how to run it.
"""
