"""What an agent's figures were over days, and whether they changed by more than noise."""
