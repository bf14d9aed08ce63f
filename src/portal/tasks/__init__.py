"""Tasks: what staff have to do, whoever asked for it: a client's message, a workflow, a colleague.

A task belongs to one member of staff or to nobody yet, may be about a client or company, and leads to the page where
it is done. Tasks never reach a client. Other parts call `operations.add_task` with a `source` of their own
(`feedback.thread:7`): calling again with the same source changes the open task instead of adding one.
"""
