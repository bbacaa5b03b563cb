"""Least squares over agents of cells, with errors that hold for few agents.

Each row is one agent around one moment. Rows are compared within their cell alone (colleagues of
the same work, tenure and moment): every cell has a level of its own, taken out before anything is
estimated. An agent may stand in several cells, once as coached and before as a colleague, so rows
of one agent go together.

The variance is HC3, each residual over 1 - its leverage (MacKinnon & White 1985, "Some
heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties");
where an agent has several rows, its clustered form (CR3, Bell & McCaffrey 2002, "Bias reduction in
standard errors for linear regression with multi-stage samples"). With five coached agents that
variance is itself unsure: t has the degrees of freedom that Satterthwaite gives for it, as the
same paper does.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
# Of what lies between 0 and 1, smaller than this is 0 but for rounding.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its standard error, and the degrees of freedom that this has."""

    value: float
    error: float
    degrees: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Its ends; the value twice where the error is 0."""
        reach = self.error * float(stdtrit(self.degrees, (1 + level) / 2)) if self.error else 0.0
        return self.value - reach, self.value + reach

    @property
    def p(self) -> float:
        """How often chance alone is at least so far from 0."""
        if not self.error:
            return 0.0 if self.value else 1.0
        return float(2 * stdtr(self.degrees, -abs(self.value) / self.error))


class Fit:
    """Least squares of `values` by the columns of `known`, [row, column], within cells.

    Raises ValueError where the columns tell the same, so that nothing tells them apart, or no
    row is left beyond them.
    """

    def __init__(
        self,
        known: Floats,
        values: Floats,
        cells: Sequence[Hashable],
        agents: Sequence[Hashable],
    ) -> None:
        self._place_of = _numbered(cells)
        self._cells = _places(cells, self._place_of)
        self._agents = _places(agents, _numbered(agents))
        sizes = np.bincount(self._cells)
        self._own_share = 1 / sizes[self._cells]
        self._levels = self._means(known)
        centred = known - self._levels[self._cells]
        gram = centred.T @ centred
        scale = np.sqrt(np.diag(gram))
        if not scale.all() or _is_singular(gram / np.outer(scale, scale)):
            raise ValueError("the columns cannot be told apart")
        self.left = len(values) - len(sizes) - known.shape[1]
        """How many rows there are beyond what is estimated."""
        if self.left < 1:
            raise ValueError("no row is left beyond what is estimated")
        self._inverse = np.linalg.inv(gram)
        self._known = centred
        self._value_levels = self._means(values[:, None])[:, 0]
        centred_values = values - self._value_levels[self._cells]
        self.slopes: Floats = self._inverse @ (centred.T @ centred_values)
        self.residuals: Floats = centred_values - centred @ self.slopes

    def estimate(self, column: int) -> Estimate:
        """The slope of a column, by HC3."""
        pull = self._known @ self._inverse[:, column]
        order = np.argsort(self._agents, kind="stable")
        begins = np.flatnonzero(np.diff(self._agents[order], prepend=-1))
        enlarged = np.zeros((len(pull),))
        for rows in np.split(order, begins[1:]):
            enlarged[rows] = _undone(self._not_its_own(rows), pull[rows])
        by_agent = np.add.reduceat((enlarged * self.residuals)[order], begins)
        variance = float(by_agent @ by_agent)
        return Estimate(float(self.slopes[column]), math.sqrt(variance), self._degrees(enlarged))

    def spread(self) -> float:
        """The standard deviation of what the columns leave."""
        return math.sqrt(float(self.residuals @ self.residuals) / self.left)

    def left_out(self) -> Floats:
        """What is left of each row if it is foretold from all others (its residual over 1 - its
        leverage); nan of one that no other foretells."""
        pulled = (self._known @ self._inverse * self._known).sum(axis=1)
        others = 1 - pulled - self._own_share
        told = others > _NOTHING
        left = np.divide(self.residuals, others, where=told, out=np.full(len(others), np.nan))
        return np.asarray(left, np.float64)

    def foretelling(self, known: Floats, cells: Sequence[Hashable]) -> Floats:
        """How other rows are foretold: the weight of each row of the fit, [other, row].

        Raises KeyError for a cell that the fit has no row of.
        """
        at = _places(cells, self._place_of)
        beyond = known - self._levels[at]
        same_cell = (at[:, None] == self._cells[None, :]) * self._own_share
        return np.asarray(same_cell + beyond @ self._inverse @ self._known.T, np.float64)

    def together(self, weights: Floats) -> Floats:
        """How far sums of rows by `weights`, [sum, row], err together: their covariance by HC3,
        the rows of one agent together, [sum, sum]. A row that no other foretells errs as all do."""
        agents = int(self._agents.max()) + 1
        of_agents = np.zeros((len(weights), agents))
        left = self.left_out()
        errors = np.where(np.isnan(left), self.spread(), left)
        np.add.at(of_agents.T, self._agents, (weights * errors).T)
        return np.asarray(of_agents @ of_agents.T, np.float64)

    def _degrees(self, enlarged: Floats) -> float:
        """Satterthwaite's, where agents were equally even: of the squares of what each agent adds,
        the mean squared over half the variance."""
        agents = int(self._agents.max()) + 1
        cells = int(self._cells.max()) + 1
        by_agent = np.bincount(self._agents, enlarged**2, agents)
        # (I - H) taken to each agent's part: what cells and columns share between agents.
        in_cells = np.zeros((agents, cells))
        np.add.at(in_cells, (self._agents, self._cells), enlarged)
        in_cells *= np.sqrt(1 / np.bincount(self._cells))
        in_columns = np.zeros((agents, self._known.shape[1]))
        np.add.at(in_columns, self._agents, self._known * enlarged[:, None])
        shared = in_cells @ in_cells.T + in_columns @ self._inverse @ in_columns.T
        both = np.diag(by_agent) - shared
        return float(np.trace(both) ** 2 / (both * both).sum())

    def _means(self, columns: Floats) -> Floats:
        """The mean of each column in each cell, [cell, column]."""
        sizes = np.bincount(self._cells)
        sums = np.zeros((len(sizes), columns.shape[1]))
        np.add.at(sums, self._cells, columns)
        return np.asarray(sums / sizes[:, None], np.float64)

    def _not_its_own(self, rows: NDArray[np.intp]) -> Floats:
        """1 - leverage of an agent's rows, as a matrix where it has several."""
        known = self._known[rows]
        same_cell = self._cells[rows][:, None] == self._cells[rows][None, :]
        hat = known @ self._inverse @ known.T + same_cell * self._own_share[rows]
        return np.eye(len(rows)) - hat


def _numbered(names: Sequence[Hashable]) -> dict[Hashable, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(names))}


def _places(names: Sequence[Hashable], place_of: Mapping[Hashable, int]) -> NDArray[np.intp]:
    return np.array([place_of[name] for name in names], np.intp)


def _undone(own: Floats, pull: Floats) -> Floats:
    """`pull` without the share that an agent's rows have in what foretells them, by the generalised
    inverse: what no other agent tells of moves nothing (Pustejovsky & Tipton 2018, "Small-sample
    methods for cluster-robust variance estimation and hypothesis testing in fixed effects
    models")."""
    values, vectors = np.linalg.eigh(own)
    kept = values > _NOTHING
    turned = vectors[:, kept].T @ pull
    return np.asarray(vectors[:, kept] @ (turned / values[kept]), np.float64)


def _is_singular(correlations: Floats) -> bool:
    return bool(np.linalg.eigvalsh(correlations).min() < _NOTHING)
