"""The clinic in a browser: the same record, the same meaning, kept in a database.

Needs the extra ``web``: ``pip install afterdose[web]``.
"""
