"""Private matter in a text: where it is, and the text with placeholders for it.

What is found is meant to be a person's or a machine's own. Left alone are addresses that belong to nobody by decree
(example.com, RFC 2606; telephone numbers with 555), networks of a house (10.0.0.1, fe80::1), public name servers, and
numbers that only look like one: versions, section numbers, card numbers and IBANs whose checksum is wrong.
"""

from __future__ import annotations

import functools
import importlib
import ipaddress
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thousand.errors import RecipeError

Span = tuple[int, int]
"""Where something begins, and where it has ended."""


@dataclass(frozen=True, order=True)
class Found:
    """Private matter: ``text[start:end]`` is of this kind, one of `KINDS`."""

    start: int
    end: int
    kind: str


def check(kinds: Sequence[str], where: str) -> None:
    """Whether these are kinds of private matter.

    Args:
        where: the field of the recipe that names them, for the error.

    Raises:
        RecipeError: one is not.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise RecipeError(f"{where}: {unknown[0]!r} is not known.", f"There are: {', '.join(KINDS)}.")


def find(text: str, kinds: Sequence[str] | None = None) -> list[Found]:
    """What is private in a text, from its beginning to its end. Nothing is found twice: a longer find hides what it holds.

    Args:
        kinds: which to look for; all when not given.
    """
    wanted = KINDS if kinds is None else [kind for kind in KINDS if kind in kinds]
    found = [Found(start, end, kind) for kind in wanted for start, end in _FINDERS[kind](text)]
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def mask(text: str, kinds: Sequence[str]) -> tuple[str, list[str]]:
    """The text with a placeholder such as ``<email>`` for all that is found of these kinds, and the kinds that were found."""
    masked: set[str] = set()
    while found := find(text, kinds):  # again, as what stood right beside something else stands alone now
        for each in reversed(found):
            text = f"{text[: each.start]}<{each.kind}>{text[each.end :]}"
            masked.add(each.kind)
    return text, [kind for kind in KINDS if kind in masked]


_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])")
_NOBODYS_DOMAIN = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|(?:example|test|invalid|localhost))\Z", re.IGNORECASE)


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if not _NOBODYS_DOMAIN.search(match[1]):
                yield match.span()


_DIGITS = re.compile(r"[0-9](?:[ .()/-]{0,2}[0-9]){7}")
"""What telephone and card numbers have. It is found quickly, or not, as it begins with what it looks for."""
_PHONE = re.compile(
    r"(?<![\w.+/=-])(?<![\d)] )(?:"
    r"(?:\+|00)[1-9](?:[ .()/-]{0,2}\d){7,14}"  # international: +44 20 7946 0000
    r"|(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}"  # North America: (212) 736-5000
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"  # Britain and many more: 020 7946 0000
    r"|0[1-9](?:[ .-]\d\d){4}"  # France: 01 70 18 99 00
    r"|0[1-9]\d{1,4}[/ ]\d{5,8}"  # Germany: 030/901820
    r")(?![\w/-]|[.,]\d| \d)"
)
_FICTIONAL = re.compile(r"(?:1|\+1)?\D*\d{3}\D*555\D*\d{4}\Z")


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text) if _DIGITS.search(text) else ():
        digits = sum(character.isdigit() for character in match.group())
        if 8 <= digits <= 15 and not _FICTIONAL.match(match.group()):
            yield match.span()


_DOTTED = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]")
_IPV4 = re.compile(r"(?<![\w.:/-])(?:\d{1,3}\.){3}\d{1,3}(?!\w|[.-]\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:{1,2}){3,7}[0-9A-Fa-f]{1,4}(?![\w:])")
_OF_A_VERSION = re.compile(r"(?:\bv|\bver|version|release|section|chapter|build)[.:]?\s?\Z", re.IGNORECASE)


def _addresses(text: str) -> Iterator[Span]:
    """Addresses of the internet. ``1.2.3.4-alpha`` and ``version 10.4.2.1`` are versions, ``1.2.3.4`` is a section or a name server."""
    for match in _IPV4.finditer(text) if _DOTTED.search(text) else ():
        single = all(len(part) == 1 for part in match.group().split("."))
        if not single and not _OF_A_VERSION.search(text, max(0, match.start() - 10), match.start()):
            yield from _of_everybody(match)
    for match in _IPV6.finditer(text) if text.count(":") > 2 else ():
        if any(character.isdigit() for character in match.group()):
            yield from _of_everybody(match)


def _of_everybody(match: re.Match[str]) -> Iterator[Span]:
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return
    if address.is_global and not address.is_multicast:
        yield match.span()


_CARD = re.compile(r"(?<![\w.+-])(?<!\d )\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d| \d)")
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Visa; Mastercard
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}"  # American Express; Diners Club; JCB
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|62\d{14,17}"  # Discover; UnionPay
)


def _cards(text: str) -> Iterator[Span]:
    """Numbers with the first digits and the length of an issuer of cards (ISO/IEC 7812) and Luhn's check digit."""
    for match in _CARD.finditer(text) if _DIGITS.search(text) else ():
        number = re.sub(r"\D", "", match.group())
        if _ISSUED.fullmatch(number) and _luhn(number):
            yield match.span()


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


_IBAN = re.compile(r"[A-Z]{2}(?<!\w[A-Z]{2})[0-9]{2}(?: ?[A-Z0-9]){11,30}")
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})([0-9]{2})",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 "
        "GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        "MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 SV28 TL23 TN24 TR26 UA29 VA22 "
        "VG24 XK20 ",
    )
}
"""Of the countries in the registry of ISO 13616."""


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        length, end = _IBAN_LENGTHS.get(match.group()[:2], 0), match.start()
        number = ""
        while len(number) < length and end < match.end():
            number += text[end].strip()
            end += 1
        if len(number) == length > 0 and not text[end : end + 1].isalnum() and _mod_97(number) == 1:
            yield match.start(), end


def _mod_97(number: str) -> int:
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97


_PRIVATE_KEY = re.compile(r"(?:-----)?BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL)
_SHORTEST = 16
"""Characters between spaces: no key is shorter, nor an address with a password in it, and all have a digit or an at sign."""
_NOT_OF_WORDS = re.compile(r"[0-9@]")
_NO_SECRETS = {"password", "passwd", "pass", "pwd", "secret", "token"}
_SECRET = 6
"""Characters: what a pattern marks as the secret has at least so many; less is the name of its service."""
_WINDOW, _OVERLAP = 2000, 300
"""Characters: a longer line is read in pieces, as the time for some of the patterns grows with the square of the length."""


def _keys(text: str) -> Iterator[Span]:
    """Keys of services as detect-secrets' patterns have them, and private keys to their end. Nothing is asked of any service."""
    if not _has_a_chance(text):
        return
    blocks = [match.span() for match in _PRIVATE_KEY.finditer(text)] if "PRIVATE KEY" in text else []
    yield from blocks
    found: set[Span] = set()
    for begin, piece in _pieces(text):
        for plugin in _plugins():
            for pattern in plugin.denylist:
                for match in pattern.finditer(piece):
                    start, end = match.span(1 if match.lastindex and len(match[1] or "") >= _SECRET else 0)
                    if _is_secret(piece[start:end], match.group()) and any(plugin.analyze_string(match.group())):
                        found.add((begin + start, begin + end))
    yield from (span for span in sorted(found) if not any(start <= span[0] < end for start, end in blocks))


def _is_secret(secret: str, match: str) -> bool:
    return secret.lower() not in _NO_SECRETS and bool(_NOT_OF_WORDS.search(secret) or "://" in match)


def _has_a_chance(text: str) -> bool:
    return any(len(word) >= _SHORTEST and _NOT_OF_WORDS.search(word) for word in text.split()) or "PRIVATE KEY" in text


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), _WINDOW - _OVERLAP):
            piece = line[start : start + _WINDOW]
            if _has_a_chance(piece):
                yield begin + start, piece
        begin += len(line)


@functools.cache
def _plugins() -> list[Any]:
    import detect_secrets.plugins as package  # not before it is needed: it takes a third of a second
    from detect_secrets.plugins.base import RegexBasedDetector

    modules = [importlib.import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    kinds = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, RegexBasedDetector) and each.__module__ == module.__name__
    }
    return [kind() for kind in sorted(kinds, key=lambda kind: kind.__name__) if kind.__name__ not in _NOT_KEYS]


_NOT_KEYS = {"IPPublicDetector", "RegexBasedDetector"}

_FINDERS: Mapping[str, Callable[[str], Iterator[Span]]] = {
    "key": _keys,
    "iban": _ibans,
    "card": _cards,
    "email": _emails,
    "ip": _addresses,
    "phone": _phones,
}
KINDS = tuple(_FINDERS)
"""The kinds of private matter there are."""

MAYBE = r"@|\d[ .()/-]{0,2}\d[ .()/-]{0,2}\d[ .()/-]{0,2}\d|\d\.\d{1,3}\.\d|:[0-9A-Fa-f]{0,4}:|PRIVATE KEY|[^\s]{16}"
"""For RE2: what every text with private matter has somewhere."""
