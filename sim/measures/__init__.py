"""What a run's ledger says in numbers, and how sure those numbers are over replications."""
