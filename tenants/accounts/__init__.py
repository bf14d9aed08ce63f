"""The one login of a staff member or operator, and which agencies it opens with which role."""
