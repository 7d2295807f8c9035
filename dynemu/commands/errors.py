"""What commands refuse."""


class CommandError(Exception):
    """A command that cannot be carried out; the text is one sentence for the user."""


class OptionError(CommandError):
    """An option whose value cannot be used."""
