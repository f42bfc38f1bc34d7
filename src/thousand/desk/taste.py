"""What a curator accepts, learnt from what they decided: a logistic regression that orders their queue and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

ENOUGH = 50
"""Decisions before anything is learnt,"""
OF_EACH = 8
"""and of these so many of either kind: five folds need one each, and a figure from fewer says nothing."""
_FOLDS = 5
_STRENGTHS = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Taste:
    """What was learnt, and how well, by cross-validation: each decision was foretold by a model that had not seen it.

    Attributes:
        decisions: n. accepted: how many of them were acceptances or edits.
        accuracy: share of the decisions foretold. majority: share that is right by always saying what is commoner.
        auc: the chance that an accepted one is ranked above a rejected one; 0.5 is chance.
        p: of so many or more right by always saying what is commoner (one-sided binomial test).
        model: of scikit-learn; maps features to the chance of acceptance.
    """

    decisions: int
    accepted: int
    accuracy: float
    majority: float
    auc: float
    p: float
    model: Any

    @property
    def better(self) -> bool:
        """Whether it foretells better than saying the commoner thing, at 5%."""
        return self.p < 0.05

    def sentence(self) -> str:
        """Its worth in words."""
        figures = f"{self.accuracy:.0%} of {self.decisions} decisions foretold, {self.majority:.0%} by always saying the commoner"
        figures += f"; AUC {self.auc:.2f}"
        return figures if self.better else f"No better than chance so far: {figures}."

    def chances(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance of acceptance of each of (n, f) rows."""
        return np.asarray(self.model.predict_proba(features)[:, 1], dtype=np.float64)


def features(vectors: NDArray[np.float32], signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, f) from (n, d) unit vectors and (n, s) signals, NaN where one is missing.

    A signal is ranked by its own quantiles among the n rows, from -1 to 1, so that no unit and no outlier matters; a missing one
    becomes 0, the middle, and says so in a column of its own. Vectors and signals as a whole weigh alike.
    """
    from scipy.stats import rankdata

    missing = np.isnan(signals)
    known = (~missing).sum(axis=0)
    ranks = np.where(missing, np.nan, rankdata(signals, axis=0, nan_policy="omit")) if signals.size else signals
    placed = np.nan_to_num(2 * (ranks - 0.5) / np.maximum(known, 1) - 1)
    told = placed[:, known > 1]
    absent = missing[:, missing.any(axis=0) & (known > 0)].astype(np.float64)
    own = np.hstack([told, absent])
    return np.hstack([np.asarray(vectors, dtype=np.float64), own / np.sqrt(max(own.shape[1], 1))])


def learn(rows: NDArray[np.float64], accepted: Sequence[bool]) -> Taste | str:
    """A taste from (n, f) features of what was decided, or why there is none yet. Deterministic.

    The strength of regularisation is chosen within each fold, from what that fold may see.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict

    labels = np.asarray(accepted, dtype=bool)
    n, yes = len(labels), int(labels.sum())
    if n < ENOUGH:
        return f"After {ENOUGH} decisions; there are {n}."
    if min(yes, n - yes) < OF_EACH:
        return f"{yes} accepted and {n - yes} rejected: {OF_EACH} of each are needed."
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    inner = StratifiedKFold(_FOLDS, shuffle=True, random_state=1)
    model = GridSearchCV(LogisticRegression(max_iter=500), {"C": list(_STRENGTHS)}, scoring="accuracy", cv=inner)
    foretold = cross_val_predict(model, rows, labels, cv=folds, method="predict_proba")[:, 1]
    right = int(((foretold >= 0.5) == labels).sum())
    majority = max(yes, n - yes) / n
    p = float(binomtest(right, n, majority, alternative="greater").pvalue)
    return Taste(n, yes, right / n, majority, float(roc_auc_score(labels, foretold)), p, model.fit(rows, labels))
