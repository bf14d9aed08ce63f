"""Keys of the API, per agency and with scopes, and remembered answers of idempotent requests."""
