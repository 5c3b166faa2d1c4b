"""What stands on the worklist, and what people did about it."""
