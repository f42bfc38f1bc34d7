import numpy as np
import pytest

from thousand.statistics import saturation

BUDGETS = (25, 50, 100, 200, 400)


def curve(limit=5.6, drop=2.0, rate=1.5, noise=0.0, draws=200):
    means = limit - drop * (np.array(BUDGETS) / BUDGETS[0]) ** -rate
    return means, means + np.random.default_rng(0).normal(0, noise, (draws, len(BUDGETS)))


def test_a_curve_of_its_own_form_is_found_again():
    means, drawn = curve()
    found = saturation(BUDGETS, means, drawn)
    assert (found.limit, found.drop, found.rate) == pytest.approx((5.6, 2.0, 1.5), abs=0.06)
    assert found.off < 0.01
    assert found.values[0] == pytest.approx(3.6, abs=0.01)


def test_it_is_drawn_within_the_budgets_and_never_beyond():
    found = saturation(BUDGETS, *curve())
    assert (found.at[0], found.at[-1]) == pytest.approx((25, 400))
    assert len(found.at) == len(found.values) == len(found.band)
    assert list(found.values) == sorted(found.values)


def test_the_band_holds_the_fit_and_widens_with_the_noise():
    narrow, wide = (saturation(BUDGETS, *curve(noise=noise)) for noise in (0.02, 0.1))
    assert all(band.low <= value <= band.high for value, band in zip(wide.values, wide.band, strict=True))
    assert np.mean([band.width for band in wide.band]) > 3 * np.mean([band.width for band in narrow.band])


def test_what_falls_is_not_fitted():
    means = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert saturation(BUDGETS, means, means[None]) is None


def test_three_budgets_could_not_speak_against_it():
    means, drawn = curve()
    assert saturation(BUDGETS[:3], means[:3], drawn[:, :3]) is None


def test_a_curve_that_turns_is_told_by_its_distance():
    means = np.array([1.0, 5.0, 5.6, 5.0, 4.0])
    assert saturation(BUDGETS, means, means[None]).off > 0.5
