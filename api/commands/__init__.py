"""The program's own commands, one module each; `api/cli.py` puts them together."""
