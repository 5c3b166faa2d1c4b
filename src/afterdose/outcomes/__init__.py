"""What happened to one person after treatment, in plain code on the standard library.

Every question takes what was known on a day, applies a named `Definition`, and gives its reasons
with the answer: the rows used, or what was missing.
"""
