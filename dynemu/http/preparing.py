"""What a server is started with besides its data: a snapshot, faults, hooks."""

import importlib.util
import os
from types import ModuleType
from typing import Any

from dynemu.config import Settings
from dynemu.engine.namespaces import Namespaces
from dynemu.http.listening import OptionError
from dynemu.storage.base import StoreError


def prepare(settings: Settings, databases: Namespaces) -> None:
    """Give *databases* what *settings* ask for. Raises: OptionError."""
    if settings.s3_dir is not None and not os.path.isdir(settings.s3_dir):
        raise OptionError(f"There is no directory {settings.s3_dir} to stand for S3.")
    _fill(settings, databases)
    _add_faults(settings, databases)
    _add_hooks(settings, databases)


def _fill(settings: Settings, databases: Namespaces) -> None:
    """Let an empty default namespace start with the exported snapshot that was asked for.

    Raises: OptionError.
    """
    if settings.snapshot is None:
        return
    default = databases.default
    if default.catalogue.names(default.store.view(), None, 1):
        return
    from dynemu.storage.portable import Export  # noqa: PLC0415 - few servers start with a snapshot

    try:
        with open(settings.snapshot, "rb") as file:
            databases.start_with(Export(file))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OptionError(f"The snapshot {settings.snapshot} cannot be read: {reason}.") from error
    except StoreError as error:
        raise OptionError(f"The snapshot {settings.snapshot} cannot be used: {error}") from error


def _add_faults(settings: Settings, databases: Namespaces) -> None:
    """Let the faults that the server is started with happen in every namespace. Raises: OptionError."""
    if not settings.faults:
        return
    from dynemu.faults import Fault, plan_of  # noqa: PLC0415 - few servers start with faults

    try:
        faults = [Fault.from_dict(fault) for fault in settings.faults]
    except ValueError as error:
        raise OptionError(f"The faults cannot be used: {error}") from None

    def add(engine: Any) -> None:
        for fault in faults:
            plan_of(engine).add(fault)

    databases.prepare(add)


def _add_hooks(settings: Settings, databases: Namespaces) -> None:
    """Call the hooks of the file that the server is started with in every namespace. Raises: OptionError."""
    if settings.hooks is None:
        return
    plugin = _load(settings.hooks)
    try:
        databases.prepare(lambda engine: engine.register(plugin))
    except ValueError as error:  # pluggy's word for a hook that is none
        raise OptionError(f"The hooks {settings.hooks} cannot be used: {error}.") from None


def _load(path: str) -> ModuleType:
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OptionError(f"The hooks {path} are no Python file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OptionError(f"The hooks {path} cannot be read: {reason}.") from error
    except Exception as error:
        raise OptionError(f"The hooks {path} cannot be loaded: {type(error).__name__}: {error}.") from error
    return module
