"""Experiments: replications of a scenario, spread over processes, kept as they finish."""
