"""Which language is asked for: it must hold before the command line is read, since help and errors are told in it."""

import os
from collections.abc import Sequence

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import LANGUAGES, N_, language_of_environment


def asked_language(arguments: Sequence[str]) -> str:
    """The language of --language, DESKAPP_LANGUAGE or the locale. Raises Invalid for one that is not shipped."""
    words = list(arguments)
    asked = next((word.partition("=")[2] for word in words if word.startswith("--language=")), "")
    if "--language" in words[:-1]:
        asked = words[words.index("--language") + 1]
    asked = asked or os.environ.get("DESKAPP_LANGUAGE", "")
    if not asked:
        names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        return language_of_environment(next(filter(None, names), ""))
    if asked not in LANGUAGES:
        raise Invalid(
            N_("There is no language {code!r}."),
            hint=N_("Choose one of: {known}."),
            code=asked,
            known=", ".join(LANGUAGES),
        )
    return asked
