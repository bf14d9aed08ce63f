"""resolve(host, path) -> where a request belongs, and the thin middleware around it."""
