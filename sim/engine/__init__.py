"""The engine: SimPy processes that carry out a plan. It computes no statistics."""
