"""Policies: rules that decide, behind narrow protocols; plain functions or frozen classes."""
