"""The console's pages of workflows: owners and admins only."""
