"""The pages of "Plan and billing"."""
