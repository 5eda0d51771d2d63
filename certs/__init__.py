"""E-licences and what follows from them; in this version the facts of representation."""
