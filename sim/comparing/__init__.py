"""Comparing: what variants change against a base, paired run by run, and which is best."""
