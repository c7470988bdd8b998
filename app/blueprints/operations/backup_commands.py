"""`pionne-feedback backup` and `restore`: a SQLite instance as one file, and back."""

from pathlib import Path

import click

from app.commands import json_option, on_any_instance, say, show
from app.extensions import now, settings
from app.services.instance import backup as backups
from app.services.instance import restore as restores

_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.argument("path", type=click.Path())
@click.option("--overwrite", is_flag=True, help="Replace a file that is there already.")
@click.option("--keep", type=click.IntRange(1), help="Delete all but so many dated backups.")
@json_option
@on_any_instance
def backup(path: str, overwrite: bool, keep: int | None, as_json: bool) -> None:
    """Copy the SQLite database to PATH while it is used; in a folder, under a dated name.

    A PATH that is not there yet is a file if its name has an ending, such as .db, and else a
    folder; what is missing of it is made. The copy holds personal data and the secrets of
    two-factor. It does not hold the key.
    """
    if keep is not None and not backups.names_folder(path):
        raise click.BadParameter("--keep needs a folder as PATH.")
    made = backups.make(path, now=now(), overwrite=overwrite)
    try:
        backups.record(made, settings().instance_dir)
    except OSError as error:
        say(f"The backup is good, but could not be noted: {error}.", err=True)
    gone = backups.forget_older(Path(path), keep=keep) if keep is not None else []
    values = {**vars(made), "deleted": [str(old.absolute()) for old in gone]}
    lines = [f"Backed up to {made.path} ({made.bytes:,} bytes), read back and whole."]
    lines += [f"Deleted {old}." for old in gone]
    lines.append("The key is not in it: without the same key only recent duplicates and counts of")
    lines.append("wrong passwords are forgotten.")
    show(values, as_json=as_json, text="\n".join(lines))


@click.command("restore")
@click.argument("path", type=_PATH)
@click.option("--replace", is_flag=True, help="Set aside a database that is there already.")
@json_option
@on_any_instance
def restore(path: Path, replace: bool, as_json: bool) -> None:
    """Put the backup at PATH in the place of this instance's SQLite database."""
    restored = restores.restore(
        path, instance_dir=settings().instance_dir, now=now(), replace=replace
    )
    lines = [f"Restored {path} to {restored.path}."]
    if restored.replaced:
        lines.append(f"What was there is now {restored.replaced}.")
    if restored.is_behind:
        lines.append("It is of older code. Next: pionne-feedback db upgrade")
    show(restored, as_json=as_json, text="\n".join(lines))
