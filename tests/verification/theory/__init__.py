"""Known results of queueing theory, scheduling and stock, none of which knows the engine.

Times are in hours and rates per hour throughout.
"""
