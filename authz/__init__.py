"""Who may use what, on which basis: parties, tokens, grants, duties, policies, uses (DESIGN 7)."""
