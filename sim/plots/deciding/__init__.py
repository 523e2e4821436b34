"""Figures of a plan that decides."""
