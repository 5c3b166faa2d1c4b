"""Compiled passes over the bytes of large files: they find where things stand, and judge nothing.

What a text means is asked of the plain readers, once for every distinct text.
"""
