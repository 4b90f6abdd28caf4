"""Long fuzz runs, by hand or by `make fuzz`: each prints how much ran and fails loudly."""
