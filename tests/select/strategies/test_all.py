from thousand.select.strategies.all import all as every


def test_every_row_in_its_order():
    assert every(4).rows.tolist() == [0, 1, 2, 3]
    assert every(0).rows.tolist() == []
