"""Pages of payments: the client's, and the console's."""
