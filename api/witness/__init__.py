"""A small witness (c2sp.org/tlog-witness): remembers the largest tree it saw of each log, and cosigns what adds to it.

It stands alone: own process, own key, own memory in one SQLite file, no database and no chain; a body that wants to
keep watch over an exchange runs nothing else. Run by the body that runs the log, it only detects what that body's
software gets wrong; it prevents nothing, since that body holds both keys.
"""
