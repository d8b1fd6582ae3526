"""Take a call: the screen, and the parts that only it has."""

from deskapp.screens.intake.screen import IntakeScreen

__all__ = ["IntakeScreen"]
