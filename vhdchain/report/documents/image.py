"""What does one file hold, as a document? Schema ``vhdchain.info``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit import verdicts_on
from vhdchain.image.manner import manner_of
from vhdchain.report.documents.findings import findings_list
from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.interop import verdict_list
from vhdchain.report.documents.shape import Json, document, stored_text
from vhdchain.structures import footer_checksum, header_checksum
from vhdchain.structures.writers import writer_name, writer_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.findings import Finding
    from vhdchain.image import Fault, Image
    from vhdchain.image.manner import WriterManner
    from vhdchain.structures import DynamicHeader, Footer, Geometry, Stored, StoredLocator


def info_document(images: Iterable[tuple[Image, Sequence[Finding]]], *, with_interop: bool = False) -> dict[str, Json]:
    """Return the ``vhdchain.info`` document of images, each with what its checks found.

    Args:
        images: The images and their findings.
        with_interop: Whether to add what other programs would make of each.
    """
    return document("info", images=[_image(image, findings, with_interop=with_interop) for image, findings in images])


def _image(image: Image, findings: Sequence[Finding], *, with_interop: bool) -> dict[str, Json]:
    fields = image_fields(image, findings)
    return fields | {"interop": verdict_list(verdicts_on(image, findings))} if with_interop else fields


def image_fields(image: Image, findings: Iterable[Finding] = ()) -> dict[str, Json]:
    """Return one image: the facts that count first, then every structure as it was stored."""
    footer = image.footer
    header = image.header.record if image.header else None
    return {
        "path": image.name,
        "file_size": image.file_size,
        "disk_type": image.disk_type.value if image.disk_type else None,
        "virtual_size": image.virtual_size,
        "original_size": footer.original_size if footer else None,
        "block_size": header.block_size if header else None,
        "unique_id": identifier(footer.unique_id) if footer else None,
        "guid": guid(footer.unique_id) if footer else None,
        "parent_unique_id": identifier(image.parent_unique_id),
        "parent_guid": guid(image.parent_unique_id),
        "parent_name": header.parent_name if header and image.is_differencing else None,
        "saved_state": footer.saved_state != 0 if footer else None,
        "creator": stored_text(footer.creator_application) if footer else None,
        "creator_version": writer_version(footer) if footer else None,
        "writer": writer_name(footer) if footer else None,
        "dialect": _manner(manner_of(image)) if footer else None,
        "footer_source": image.footer_source.value if image.footer_source else None,
        "footer": _footer(image.footer_end),
        "footer_copy": _footer(image.footer_copy),
        "header": _header(image.header),
        "locators": [_locator(locator) for locator in image.locators],
        "bat": _bat(image),
        "batmap": _batmap(image),
        "faults": [_fault(fault) for fault in image.faults],
        "findings": findings_list(findings),
    }


def _manner(manner: WriterManner) -> dict[str, Json]:
    return {
        "writer": manner.writer,
        "version": manner.version,
        "bat_padding": manner.bat_padding.value if manner.bat_padding else None,
        "data_alignment": manner.data_alignment,
        "locators": [{"slot": slot, "platform_code": code} for slot, code in manner.locators],
        "space_unit": manner.space_unit.value if manner.space_unit else None,
        "name_form": manner.name_form.value if manner.name_form else None,
        "batmap": manner.batmap,
        "short_footer": manner.short_footer,
    }


def _footer(stored: Stored[Footer] | None) -> dict[str, Json] | None:
    if stored is None:
        return None
    footer = stored.record
    return {
        "offset": stored.offset,
        "length": len(stored.raw),
        "features": footer.features,
        "file_format_version": footer.file_format_version,
        "data_offset": footer.data_offset,
        "time_stamp": footer.time_stamp,
        "created": footer.created.isoformat(),
        "creator_application": stored_text(footer.creator_application),
        "creator_version": footer.creator_version,
        "creator_host_os": stored_text(footer.creator_host_os),
        "original_size": footer.original_size,
        "current_size": footer.current_size,
        "geometry": _geometry(footer.geometry),
        "disk_type_raw": footer.disk_type_raw,
        "checksum": footer.checksum,
        "checksum_valid": footer.checksum == footer_checksum(stored.raw),
        "unique_id": identifier(footer.unique_id),
        "saved_state_raw": footer.saved_state,
        "hidden": footer.hidden,
    }


def _geometry(geometry: Geometry) -> dict[str, Json]:
    return {
        "cylinders": geometry.cylinders,
        "heads": geometry.heads,
        "sectors_per_track": geometry.sectors_per_track,
        "size": geometry.size,
    }


def _header(stored: Stored[DynamicHeader] | None) -> dict[str, Json] | None:
    if stored is None:
        return None
    header = stored.record
    return {
        "offset": stored.offset,
        "data_offset": header.data_offset,
        "table_offset": header.table_offset,
        "header_version": header.header_version,
        "max_table_entries": header.max_table_entries,
        "block_size": header.block_size,
        "checksum": header.checksum,
        "checksum_valid": header.checksum == header_checksum(stored.raw),
        "parent_unique_id": identifier(header.parent_unique_id),
        "parent_time_stamp": header.parent_time_stamp,
        "parent_name": header.parent_name,
        "parent_name_encoding": header.parent_name_encoding,
    }


def _locator(locator: StoredLocator) -> dict[str, Json]:
    entry = locator.entry
    return {
        "slot": locator.slot,
        "platform_code": locator.name,
        "path": locator.text,
        "encoding": locator.encoding,
        "data_space_raw": entry.platform_data_space_raw,
        "data_space": entry.platform_data_space,
        "data_length": entry.platform_data_length,
        "data_offset": entry.platform_data_offset,
    }


def _bat(image: Image) -> dict[str, Json] | None:
    if image.bat is None:
        return None
    return {
        "offset": image.bat.offset,
        "entries": image.bat.declared,
        "entries_read": len(image.bat.entries),
        "entries_needed": image.block_count,
        "allocated": image.bat.allocated,
    }


def _batmap(image: Image) -> dict[str, Json] | None:
    if image.batmap is None:
        return None
    header = image.batmap.record
    return {
        "offset": image.batmap.offset,
        "batmap_offset": header.batmap_offset,
        "batmap_sectors": header.batmap_sectors,
        "batmap_version": header.batmap_version,
    }


def _fault(fault: Fault) -> dict[str, Json]:
    return {
        "kind": fault.kind.value,
        "structure": fault.structure,
        "offset": fault.offset,
        "length": fault.length,
        "reason": fault.reason,
    }
