"""Makes, keeps, migrates and removes the schemas of agencies.

A spare schema is made ahead of time by a job and claimed by a rename inside the sign-up's transaction.
"""
