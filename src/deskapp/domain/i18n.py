"""Say it in the reader's language: English message ids, Chinese from the catalogue, switched while running."""

import gettext
from pathlib import Path

LANGUAGES = ("en", "zh")
LOCALES = Path(__file__).resolve().parent.parent / "locales"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def _(message: str) -> str:
    """Return the message in the language in force; an unknown message is returned as it is."""
    return _catalogue.gettext(message) if message else ""


def N_(message: str) -> str:
    """Mark a message for translation where it is declared; it is translated with `_` where it is shown."""
    return message


def language() -> str:
    """Return the language in force: `en` or `zh`."""
    return _language


def use_language(code: str) -> None:
    """Switch the language of every later `_()`. Raises ValueError for a language that is not shipped."""
    global _catalogue, _language
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; there are {', '.join(LANGUAGES)}")
    # English is the language of the message ids: it needs no catalogue.
    _catalogue = (
        gettext.NullTranslations() if code == "en" else gettext.translation("deskapp", LOCALES, [code], fallback=True)
    )
    _language = code


def language_of_environment(lang: str | None) -> str:
    """Pick the language that a POSIX locale name such as `zh_CN.UTF-8` asks for; English when it names none."""
    return "zh" if (lang or "").lower().startswith("zh") else "en"
