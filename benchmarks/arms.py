"""The arms in which strategies are compared: those that need nothing but the texts and a quality."""

from __future__ import annotations

from typing import Any


def arms(quality: str) -> dict[str, dict[str, Any]]:
    """Arms by name, without a budget. The first two choose from the raw pool, the others from what curation keeps."""
    return {
        "random (raw pool)": {"select": "random"},
        "longest (raw pool)": {"select": "longest"},
        "random": {"select": "random", "source": "kept"},
        "longest": {"select": "longest", "source": "kept"},
        "top": {"select": "top", "quality": quality},
        "facility_location": {"select": "facility_location", "quality": quality},
        "k_center": {"select": "k_center"},
        "mmr": {"select": "mmr", "quality": quality},
        "dpp": {"select": "dpp", "quality": quality},
        "cluster": {"select": "cluster", "quality": quality},
        "deita": {"select": "deita", "quality": quality},
        "zip": {"select": "zip"},
    }
