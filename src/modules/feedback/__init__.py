"""Feedback: what clients write to the agency, and the conversation that follows.

A *thread* begins with a client's message, has a number, belongs to a company or to one client, and is the work of one
member of staff, who has it as a task. Its *entries* are what clients and staff said, by page or by mail; *notes* are
entries that only staff see. It does not hold chats among clients, nor comments on a deliverable's version.
"""
