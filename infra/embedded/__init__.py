"""The services that stand in for real ones on one machine (Postgres, mail, S3) and what starts them.

Nothing here runs in production, nothing here imports Django, and everything listens on the loopback only.
"""
