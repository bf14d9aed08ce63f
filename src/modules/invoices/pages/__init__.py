"""Pages of clients and of staff."""
