"""x"""

from qa.sampling.allocation import Allocation, Fixed, Proportional, Shares
from qa.sampling.draws import Draw, Drawn, Eligible, Layer, Swap, Swapped, draw, swap
from qa.sampling.workload import Missing, Review, Reviewer, Task, Why, Workload, assign, doubles
