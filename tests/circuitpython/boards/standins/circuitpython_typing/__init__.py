"""Names for annotations only."""
