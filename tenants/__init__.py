"""PUBLIC SCHEMA: who our customers are and how the world reaches them."""
