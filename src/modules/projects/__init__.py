"""Projects: status, health, milestones, percentage and updates, as the client may see them.

Nouns: project, milestone, update, task (internal), comment (internal). It holds no deliverables and no
files; those are modules of their own that point here.
"""
