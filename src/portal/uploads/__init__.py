"""Stored files: received as a stream, typed by content, served only after a check."""
