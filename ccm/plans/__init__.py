"""Money and aims: costs, targets, headcounts, sales, absences."""
