"""Measurements, one command each: `./bin/bench NAME [--quick]`. The last line printed is one JSON object."""
