"""What staff keep about clients: tags, internal notes, own fields, the timeline; merged, archived, erased.

Nothing of this reaches a portal. Who a client is and what it may do is in portal.people.
"""
