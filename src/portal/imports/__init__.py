"""Clients from a CSV file: looked at first, brought in by a job, taken back exactly."""
