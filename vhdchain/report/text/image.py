"""What does one file hold, for people?

The facts that count come first, one labelled line each; a stored value that disagrees with the value that counts
stands beside it in words. What the checks found comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Severity, code_info
from vhdchain.image import FooterPolicy
from vhdchain.image.manner import NameForm, Padding, manner_of
from vhdchain.report.lines import Role, labelled, line, span
from vhdchain.report.numbers import counted, exact_size, hex_offset, human_size
from vhdchain.report.text.findings import finding_lines
from vhdchain.structures import footer_checksum, guid_text, header_checksum, id_text
from vhdchain.structures.writers import writer_name, writer_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.findings import Finding
    from vhdchain.image import Image
    from vhdchain.image.manner import WriterManner
    from vhdchain.report.lines import Line, Span
    from vhdchain.structures import DynamicHeader, Footer, Stored


def image_lines(
    image: Image, findings: Iterable[Finding] = (), *, width: int | None = None, notes: bool = True
) -> Iterator[Line]:
    """Yield what is known of one image; without ``notes``, those among its findings are named in one line."""
    yield line(span(image.name, Role.PATH))
    for label, *parts in _facts(image):
        yield from labelled(str(label), *parts, width=width)
    for fault in image.faults:
        text = f"{fault.structure} {hex_offset(fault.offset)}, {counted(fault.length, 'byte')}: {fault.reason}"
        yield from labelled("not read", span(text, Role.WARNING), width=width)
    folded = []
    for finding in findings:
        if notes or finding.severity is not Severity.NOTE:
            yield from finding_lines(finding, width=width)
        else:
            folded.append(f"{finding.code} {code_info(finding.code).name}")
    if folded:
        yield from labelled("notes", ", ".join(dict.fromkeys(folded)), width=width)


def disk_type_text(image: Image) -> str:
    """Return the kind of image in a word or two, also where the stored number means none."""
    if image.disk_type is not None:
        return image.disk_type.value
    return f"unknown type {image.footer.disk_type_raw}" if image.footer else "no VHD footer"


def _facts(image: Image) -> Iterator[tuple[str | Span, ...]]:
    footer = image.footer
    yield "type", disk_type_text(image)
    yield "file", exact_size(image.file_size)
    if footer is None:
        return
    yield "disk", exact_size(image.virtual_size)
    if footer.original_size != footer.current_size:
        yield "", f"made with {exact_size(footer.original_size)}; the guest sees the present size"
    if image.header:
        yield "blocks", *_blocks(image)
    yield "id", id_text(footer.unique_id)
    yield "", span(f"GUID {guid_text(footer.unique_id)}", Role.FAINT)
    yield "written by", _writer(footer)
    if clauses := list(_manner(manner_of(image))):
        yield "", "; ".join(clauses)
    yield "created", f"{footer.created:%Y-%m-%d %H:%M:%S} UTC"
    if footer.saved_state:
        yield "saved state", span("yes: the disk belongs to a saved machine; do not modify it", Role.WARNING)
    yield from _footers(image)
    if image.header:
        yield "header", *_checked(image.header.offset, _header_is_valid(image.header))
        if image.is_differencing:
            yield from _parent(image, image.header.record)


def _blocks(image: Image) -> Iterator[str]:
    allocated = "?" if image.bat is None else f"{image.bat.allocated:,}"
    yield f"{allocated} of {image.block_count:,} allocated, {human_size(image.block_size)} each"
    if image.bat is not None and image.bat.declared > image.block_count:
        yield f"; the BAT has {counted(image.bat.declared, 'entry', 'entries')}"


def _writer(footer: Footer) -> str:
    code = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in footer.creator_application)
    return f'{writer_name(footer) or "an unknown program"}, version {writer_version(footer)} ("{code}")'


_FORMS = {
    NameForm.BASENAME: "a bare name",
    NameForm.WINDOWS_PATH: "a Windows path",
    NameForm.SLASH_PATH: "a path with slashes",
    NameForm.LITTLE_ENDIAN: "a name in the wrong byte order",
    NameForm.EMPTY: "no name",
    NameForm.UNREADABLE: "an unreadable name",
}


def _manner(manner: WriterManner) -> Iterator[str]:
    if manner.bat_padding:
        yield f"BAT filled up with {manner.bat_padding}" + (" bytes" if manner.bat_padding is Padding.OTHER else "")
    if manner.data_alignment:
        yield f"data at multiples of {manner.data_alignment:,} bytes"
    if manner.batmap:
        yield "with a batmap"
    if manner.short_footer:
        yield "footer of 511 bytes"
    if manner.locators:
        yield "locators " + ", ".join(f"{slot} {code}" for slot, code in manner.locators)
    if manner.space_unit:
        yield f"their room in {manner.space_unit}"
    if manner.name_form:
        yield f"parent by {_FORMS[manner.name_form]}"


def _footers(image: Image) -> Iterator[tuple[str | Span, ...]]:
    for label, stored in (("footer", image.footer_end), ("footer copy", image.footer_copy)):
        if stored is None:
            if label == "footer" or image.is_sparse:
                yield label, span("absent", Role.WARNING)
            continue
        counts = label == "footer copy" and image.footer_source is FooterPolicy.COPY
        yield label, *_checked(stored.offset, _footer_is_valid(stored)), ": this one counts" if counts else ""


def _parent(image: Image, header: DynamicHeader) -> Iterator[tuple[str | Span, ...]]:
    name = header.parent_name
    yield "parent", span(name, Role.PATH) if name else span("no readable name", Role.FAINT)
    yield "parent id", id_text(header.parent_unique_id)
    yield "", span(f"GUID {guid_text(header.parent_unique_id)}", Role.FAINT)
    for locator in image.locators:
        text = span("no readable path", Role.FAINT) if locator.text is None else span(locator.text, Role.PATH)
        yield "locator", f"{locator.name}  ", text


def _checked(offset: int, valid: bool) -> tuple[Span, Span]:  # noqa: FBT001  # a fact that is told, not an option
    return span(f"{hex_offset(offset)}, "), (
        span("checksum right", Role.GOOD) if valid else span("checksum wrong", Role.ERROR)
    )


def _footer_is_valid(stored: Stored[Footer]) -> bool:
    return stored.record.checksum == footer_checksum(stored.raw)


def _header_is_valid(stored: Stored[DynamicHeader]) -> bool:
    return stored.record.checksum == header_checksum(stored.raw)
