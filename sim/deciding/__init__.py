"""Deciding: the smallest value, or the cheapest combination, for which goals hold."""
