"""Kernels of the outcomes after the first course, a module a topic, one pass over people each."""
