"""One person: what is known, on any day; what stands behind it; and entering more."""
