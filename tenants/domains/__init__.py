"""Custom domains that agencies point at their portal. The default address needs no row."""
