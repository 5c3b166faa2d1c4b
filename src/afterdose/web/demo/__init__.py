"""A clinic to try: simulated people, somebody in every role, something on every page."""
