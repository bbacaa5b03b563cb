"""How those who are new come to work as the tenured do, week by week since they were hired.

`curve` reckons, pure; `reads` reads, `drawn` draws, `listed` writes the file. When somebody works
as the tenured do is the KPI *Ramp time*, `kpis.reads.ramp`.
"""
