"""The study of Postroad's statistics: small experiments with known truths, judged as users do."""
