"""What tests compare with: the reference twin, and small plans and scenarios to run."""
