"""Scenario files: schema, positions, loading, cross-field checks and the account in words."""
