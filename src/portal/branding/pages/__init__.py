"""Pages of branding: what portals answer to anyone, and the console's settings."""
