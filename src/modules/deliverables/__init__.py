"""Deliverables: work that the client reviews, version by version, until it is approved and locked.

Nouns: deliverable, version, version file, reviewer, comment, decision. It does not share files in
general (module files) and knows no money.
"""
