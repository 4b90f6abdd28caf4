"""Speed and memory against the budgets; run by hand and, on little data, by the gate."""
