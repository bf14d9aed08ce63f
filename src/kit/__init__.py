"""No Django models, no product words: colour, money, tokens, clock, paging."""
