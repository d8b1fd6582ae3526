"""The colours of the desk: one accent, one dim, three that mean something; everything else is quiet."""

from textual.theme import Theme

from deskapp.domain.i18n import N_

# Names as people read them, in the order in which a key goes through them.
THEMES: dict[str, str] = {
    "dark": N_("dark"),
    "light": N_("light"),
    "contrast": N_("high contrast"),
    "colour-blind": N_("colour-blind safe"),
}


def _theme(
    name: str, *, dark: bool, ink: str, quiet: str, paper: str, raised: str, accent: str, meaning: tuple[str, str, str]
) -> Theme:
    red, yellow, green = meaning
    return Theme(
        name=name,
        dark=dark,
        foreground=ink,
        background=paper,
        surface=raised,
        panel=raised,
        primary=accent,
        secondary=accent,
        accent=accent,
        error=red,
        warning=yellow,
        success=green,
        variables={
            "quiet": quiet,
            "text-muted": quiet,
            "footer-key-foreground": accent,
            "footer-background": raised,
            "border": raised,
            "border-blurred": raised,
            "input-cursor-background": ink,
            "block-cursor-text-style": "bold",
        },
    )


def themes() -> list[Theme]:
    """Make the shipped themes. Contrast of text on ground is at least 7:1 in all, 4.5:1 for what is dim."""
    return [
        _theme(
            "dark", dark=True, ink="#d5d8dc", quiet="#8f96a0", paper="#16181c", raised="#24282e", accent="#7fb4e6",
            meaning=("#f0706e", "#e0b65c", "#86b97c"),
        ),
        _theme(
            "light", dark=False, ink="#22262b", quiet="#5f656d", paper="#f7f7f4", raised="#e6e7e3", accent="#1d5c99",
            meaning=("#b3261e", "#8a5a00", "#2e6b2e"),
        ),
        _theme(
            "contrast", dark=True, ink="#ffffff", quiet="#c8c8c8", paper="#000000", raised="#1f1f1f", accent="#6fd3ff",
            meaning=("#ff6b6b", "#ffe14d", "#6bff8f"),
        ),
        # Okabe and Ito's vermilion, yellow and sky blue: told apart with every kind of colour vision.
        _theme(
            "colour-blind", dark=True, ink="#d5d8dc", quiet="#8f96a0", paper="#16181c", raised="#24282e",
            accent="#c7a5d8", meaning=("#e8743b", "#f0e442", "#56b4e9"),
        ),
    ]  # fmt: skip
