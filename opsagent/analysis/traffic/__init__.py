"""Traffic and answers: /stats, health, their trend and what they say of the cause."""
