"""The log of changes and of reads."""
