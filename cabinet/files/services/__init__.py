"""What happens to files: taken from people, stored as results, previewed, handed out."""

from cabinet.files.services.previewing import make_owed, sweep_previews
from cabinet.files.services.sharing import share_files
from cabinet.files.services.storing import (
    ALLOWED,
    MAX_SIZE,
    XLSX,
    check_upload,
    clean_name,
    hand_out,
    remove_orphans,
    send,
    send_picture,
    store_bytes,
    store_path,
    store_upload,
    work_folder,
)

__all__ = [
    "ALLOWED",
    "MAX_SIZE",
    "XLSX",
    "check_upload",
    "clean_name",
    "hand_out",
    "make_owed",
    "remove_orphans",
    "send",
    "send_picture",
    "share_files",
    "store_bytes",
    "store_path",
    "store_upload",
    "sweep_previews",
    "work_folder",
]
