"""What stands at the edge in production: nginx with its agent, or Caddy for a small installation."""
