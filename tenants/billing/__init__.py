"""What an agency pays us: its plan bought at Stripe, grace, read-only. Not what clients pay agencies.

Gates read `Agency.plan` and `Agency.state`; `AgencySubscription` says why they are what they are. Both are
written from the object fetched at Stripe, in one transaction, whatever brought us to fetch it. dj-stripe is
imported in `mirror` only: it keeps a mirror of our own account's objects, and nothing is decided by it.
"""
