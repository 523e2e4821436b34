"""The study of Postroad's statistics: small experiments whose truth is known, judged as users do."""
