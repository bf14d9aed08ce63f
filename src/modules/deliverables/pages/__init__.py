"""The pages of deliverables, for clients and for staff."""
