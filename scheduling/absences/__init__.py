"""Time off as it is kept: `scheduling.timeoff`, which is pure, over the rows of a site."""
