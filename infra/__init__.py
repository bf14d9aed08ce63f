"""What runs around the platform: the demo's embedded services, the checks, the container image."""
