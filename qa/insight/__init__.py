"""What reviews tell beyond single ones: scores by team, queue and tenure, where points are lost,
which criteria tell nothing, what goes with satisfaction, and who reviews harder than the others.

`weighted`, `pareto` and `relating` are pure; `reads` reads, `reviewers` and `criteria` judge, and
`told` puts the page together. docs/quality-insight.md says where each figure comes from.
"""
