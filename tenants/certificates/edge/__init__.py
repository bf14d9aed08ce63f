"""What ends TLS: which certificates are there, which one a name gets, and the server of demo and tests.

`names`, `following` and `wildcard` need no Django: the edge agent (infra/edge/agent) runs on them alone.
"""
