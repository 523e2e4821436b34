"""Statistics: intervals, tests, differences and sensitivities of numbers from anywhere."""
