"""What is private is found, and what only looks like it is not."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.curate import private
from thousand.errors import RecipeError

# Put together here, so that no search for secrets stumbles over this file.
AWS = "AKIA" + "Q7RZ2M5KX3WPL4NV"
GITHUB = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
BEGIN, END = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("email", "ann.b+c@mail.river.co.uk"),
        ("phone", "+44 20 7946 0018"),
        ("phone", "+1 (212) 736-5000"),
        ("phone", "(212) 736-5000"),
        ("phone", "212-736-5000"),
        ("phone", "1-800-273-8255"),
        ("phone", "020 7946 0018"),
        ("phone", "01 70 18 99 00"),
        ("phone", "030/9018200"),
        ("phone", "+4930901820"),
        ("ip", "93.184.216.34"),
        ("ip", "2606:2800:220:1:248:1893:25c8:1946"),
        ("card", "4111 1111 1111 1111"),
        ("card", "5500-0055-5555-5559"),
        ("card", "371449635398431"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("iban", "DE89370400440532013000"),
        ("key", AWS),
        ("key", GITHUB),
        ("key", f"{BEGIN}\nMIIB\nabcd\n{END}"),
    ],
)
def test_it_is_found_where_it_stands(kind, found):
    text = f"It says: {found}, and no more."
    assert [(each.kind, text[each.start : each.end]) for each in private.find(text)] == [(kind, found)]
    assert private.mask(text, [kind]) == (f"It says: <{kind}>, and no more.", [kind])


@pytest.mark.parametrize(
    "text",
    [
        "john@example.com, a@b.example and b@c.test belong to nobody",
        "clone git@host and mention @ann, or 3 @ 4.50",
        "212-555-0123 and (212) 555-0199 are for films",
        "2125550123 is a number, 3.14159265358979 another, and 1234567890123 a third",
        "2021-03-04 05:06:07, 10-11-2012, 1998-2003, 100-200-3000",
        "pages 123-456, 020 7946 and 0.5 / 12345678",
        "SSN 078-05-1120 is another matter",
        "127.0.0.1, 10.1.2.3, 192.168.0.12, 172.16.3.4, 169.254.1.1, 0.0.0.0, 255.255.255.0 and 203.0.113.9",
        "1.2.3.4-alpha, v10.4.2.13, version 93.184.216.34, section 12.3.4.5, 300.1.2.3, 93.184.216.34.5 and 8.8.8.8",
        "::1, fe80::1, std::cafe::add, 12:30:45:10, 00:1a:2b:3c:4d:5e",
        "4111 1111 1111 1112 fails its check, 9111 1111 1111 1111 is nobody's",
        "GB83 WEST 1234 5698 7654 32 and XX89370400440532013000",
        "internationalisation_of_everything and pneumonoultramicroscopicsilicovolcanoconiosis",
        "https://user:password@host/path",
        "",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert private.find(text) == []


def test_nothing_is_found_twice():
    text = "https://ann:s3cr3t9@mail.river.town/ and 4111111111111111"
    found = private.find(text)
    assert all(first.end <= second.start for first, second in itertools.pairwise(found))
    assert [each.kind for each in found][-1] == "card"


def test_only_the_kinds_asked_for_are_looked_for():
    text = f"ann@river.town, {AWS}"
    assert private.mask(text, ["email"]) == (f"<email>, {AWS}", ["email"])
    assert private.mask(text, ["phone"]) == (text, [])


def test_a_kind_that_does_not_exist_is_an_error_of_the_recipe():
    private.check(["email", "iban"], "curate.clean.mask")
    with pytest.raises(RecipeError, match=r"curate\.clean\.mask: 'emails' is not known\.\s+There are: key, iban, card, email, ip, phone"):
        private.check(["email", "emails"], "curate.clean.mask")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            ["a@b.co", "+44 20 7946 0018", "93.184.216.34", "212-736-5000", "4111 1111 1111 1111", AWS, BEGIN, "1", "-", " ", "."]
        )
        | st.text(max_size=4),
        max_size=8,
    ).map("".join)
)
def test_nothing_is_left_to_mask_afterwards(text):
    masked, _ = private.mask(text, private.KINDS)
    assert private.mask(masked, private.KINDS) == (masked, [])
