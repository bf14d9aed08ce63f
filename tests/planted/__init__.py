"""Defects that are planted one at a time in a throw-away copy, to see that a test catches each: `./bin/planted`."""
