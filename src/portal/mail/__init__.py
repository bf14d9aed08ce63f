"""Mails of an agency: rendering, sending, and the log of every message."""
