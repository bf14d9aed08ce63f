"""Files: shared on purpose, sent on request."""
