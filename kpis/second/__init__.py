"""The second path: every KPI in SQL over the raw record, apart from rollups and formulas.

`sql/base` lays the record out (`call`, `visit`, `contact`, `unit`, ...), `sql/kpis` has one file a
KPI. The same text serves twice: as views of the schema `kpi` (`views`), for anybody with psql or a
reporting tool, and over a stretch of days at a time for `callcenter verify` (`paths`), which
compares it with what pages show (`compare`) and checks the books (`books`), each cell of each
quarter hour among them (`quarters`).
"""
