"""Whom a person's record is open to besides their team, and who is invited to sign in."""
