"""Sweeping: a scenario at many points, and which factor decides what."""
