"""Bring what people say into the form it is found by: telephone numbers, readings of names, serial numbers.

The libraries are imported on first use: opening a desk needs none of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

# 转801, 分机801, ext. 801, x801, #801 at the end of a number; no library parses the Chinese forms.
_EXTENSION = re.compile(r"\s*(?:转|轉|分机|分機|内线|ext\.?|extension|x|#|,)\s*(\d{1,8})\s*$", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_HAN = re.compile(r"[\u3400-\u9fff]")
# Surnames that are read in another way than the same character elsewhere.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "任": "ren",
    "华": "hua", "盖": "ge", "翟": "zhai", "尉": "wei", "缪": "miao", "宓": "fu", "员": "yun", "乐": "yue",
    "黑": "he", "秘": "bi", "冼": "xian", "祭": "zhai", "折": "she", "逄": "pang", "令": "ling", "撒": "sa",
    "万俟": "moqi", "尉迟": "yuchi", "澹台": "tantai", "长孙": "zhangsun",
}  # fmt: skip
# Where a number without a country code is from, on a desk that says nothing else.
DEFAULT_REGION = "CN"


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number: E.164 where it can be one, else its digits; `valid` says whether the plan knows it."""

    value: str
    digits: str
    extension: str
    valid: bool


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What a name is found by: folded, its readings, its initials; several readings are separated by spaces."""

    key: str
    reading: str
    initials: str


def phone(raw: str, region: str = DEFAULT_REGION) -> Phone:
    """Read a telephone number as people in `region` say it. Never raises: an odd number is kept by its digits."""
    import phonenumbers

    text = unicodedata.normalize("NFKC", raw).strip()
    extension = ""
    if match := _EXTENSION.search(text):
        extension, text = match.group(1), text[: match.start()]
    bare = _NOT_DIGIT.sub("", text)
    try:
        parsed = phonenumbers.parse("+" + bare[2:] if bare.startswith("00") else text, region)
    except phonenumbers.NumberParseException:
        return Phone(bare, bare, extension, valid=False)
    if not phonenumbers.is_valid_number(parsed):
        return Phone(bare, bare, extension, valid=False)
    national = phonenumbers.national_significant_number(parsed)
    value = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(value, national, extension, valid=True)


@dataclass(frozen=True, slots=True)
class Typed:
    """What has been typed of a number: the national digits it may begin with, the digits it may end with."""

    first: str
    last: str


def typed_number(text: str, region: str = DEFAULT_REGION) -> Typed | None:
    """Read what has been typed of a number so far; None for something that is no number."""
    folded = unicodedata.normalize("NFKC", text).strip()
    digits = _NOT_DIGIT.sub("", folded)
    if not digits or not re.fullmatch(r"[+\d\s().\-]+", folded):
        return None
    code, trunk = _dialling(region)
    if folded.startswith("+" + code) or digits.startswith("00" + code):
        national = digits.removeprefix("00").removeprefix(code)
        return Typed(_without_trunk(national, trunk), national)
    if folded.startswith("+") or digits.startswith("00"):
        # Four digits such as 0049 may be the end of a number as well.
        return Typed(_abroad(digits.removeprefix("00")), "" if folded.startswith("+") else digits)
    return Typed(_without_trunk(digits, trunk), digits)


def _without_trunk(digits: str, trunk: str) -> str:
    if trunk == "0":
        # The trunk zero that people dial before an area code is no part of the national number.
        return digits.lstrip("0") if len(digits) >= 4 else digits
    # Other trunk digits may begin a number as well: they are taken off a whole one only.
    return digits.removeprefix(trunk) if trunk and len(digits) > _WHOLE else digits


def _abroad(digits: str) -> str:
    """The national digits behind another country's code; all digits as long as it is not clear which country it is."""
    import phonenumbers

    try:
        return str(phonenumbers.national_significant_number(phonenumbers.parse("+" + digits)))
    except phonenumbers.NumberParseException:
        return digits


_WHOLE = 10  # digits of a national number in the countries whose trunk digit is not zero


@lru_cache(maxsize=64)
def _dialling(region: str) -> tuple[str, str]:
    """The country code and the trunk digits of a region; empty where people dial none."""
    if region == DEFAULT_REGION:
        return "86", "0"
    import phonenumbers

    code = phonenumbers.country_code_for_region(region)
    return str(code), phonenumbers.ndd_prefix_for_region(region, True) or ""


def known_region(region: str) -> str:
    """The region in capital letters. Raises Invalid for one that has no telephone numbers."""
    import phonenumbers

    told = region.strip().upper()
    if told not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(
            N_("There is no region {region}."), hint=N_("Write two letters, such as CN, DE or JP."), field="region",
            region=region,
        )  # fmt: skip
    return told


@lru_cache(maxsize=4096)
def name_keys(name: str) -> NameKeys:
    """The keys a name is found by: 张伟 by zhangwei and zw, John Smith by john smith and js."""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    if not _HAN.search(folded):
        words = re.findall(r"[^\W_]+", folded)
        return NameKeys(folded[:120], "".join(words)[:240], "".join(w[0] for w in words)[:60])
    import pypinyin

    compound = next((s for s in _SURNAMES if len(s) == 2 and folded.startswith(s)), "")
    rest = folded[len(compound) :]
    syllables = [_plain_u(p) for p in pypinyin.lazy_pinyin(rest, style=pypinyin.Style.NORMAL)]
    variants = [syllables]
    if compound:
        variants = [[_SURNAMES[compound], *syllables]]
    elif rest:
        first = {_plain_u(p) for p in pypinyin.pinyin(rest[0], style=pypinyin.Style.NORMAL, heteronym=True)[0]}
        first.add(_SURNAMES.get(rest[0], syllables[0]))
        # The surname's own reading first: it is the one people type.
        heads = sorted(first, key=lambda head: (head != _SURNAMES.get(rest[0], syllables[0]), head))
        variants = [[head, *syllables[1:]] for head in heads]
    readings = dict.fromkeys("".join(v).replace(" ", "") for v in variants)
    initials = dict.fromkeys("".join(s.strip()[:1] for s in v) for v in variants)
    return NameKeys(folded[:120], " ".join(readings)[:240], " ".join(initials)[:60])


def serial_key(serial: str) -> str:
    """A serial number without spaces and dashes, in upper case: as people read it out."""
    return re.sub(r"[\s\-_/.]", "", unicodedata.normalize("NFKC", serial)).upper()[:80]


def _plain_u(syllable: str) -> str:
    return syllable.replace("ü", "u").replace("v", "u") if len(syllable) > 1 else syllable
