"""The agency: our customer, owner of one Postgres schema, and its life from trial to gone.

`Agency` is the row. `CurrentAgency` is the frozen answer that requests, jobs and mails carry, so that
nothing inside an agency's schema has to read the public one.
"""
