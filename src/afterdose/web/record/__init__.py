"""The record in the database: the tables of `afterdose.record`, each held to its specification."""
