"""Waiting on you: what clients are asked to do, over all modules, in one queue and in one mail a week.

The lines are the modules' own (`Module.waiting`); nothing is stored of them. Kept are only hand-overs (a line that a
client gave to a colleague who may do it) and the weeks in which a mail went out. `staff_lines` is the mirror: what
waits on the agency's staff.
"""
