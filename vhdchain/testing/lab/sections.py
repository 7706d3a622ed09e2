"""Which further sections does a configuration of 2012 R2 have, which say nothing of disks?

A real file of that version shows them: devices that every machine has, the network adapter, the BIOS, the clock,
measurements. Readers must keep them, repeated names, negative integers and bytes among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.keytree import make_key

if TYPE_CHECKING:
    from vhdchain.hyperv.keytree import Key, Value

NETWORK = "2fc216b0-d2e2-4967-9b6d-b8a5c9ca2778"
"""The device of a network adapter, whose instance has an id of its own."""

MOUSE, KEYBOARD = "58f75a6d-d949-4320-99e1-a2a2576d581c", "197f74e3-b84b-46de-8ae6-82f1cd181cdc"
VIDEO, ACTIVATION = "f3cf6965-e8d3-44a9-9b7d-a04245ea7525", "bc12c717-8898-4688-8ee4-2cd14894f8ea"
GUEST_INTERFACE, REMOTE = "6c09bb55-d683-4da0-8931-c9bf705f6480", "6c5addb9-a11a-4e8e-84cb-e6208201db63"
_PORTS, _BIOS = "8e3a359f-559a-4b6a-98a9-1690a6100ed7", "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad"
_BUS, _CLOCK = "7d80d3db-61ee-4879-8879-5609f1100ad0", "e51b7ef6-4a7f-4780-aaae-d4b291aacd2e"

_PLAIN = (MOUSE, "655bc5c5-a784-46b7-81bc-e26328f7eb0e", REMOTE, _PORTS, _BIOS, _BUS)
_PLAIN_256 = ("de6cdc86-e1fb-4940-801b-c3c1a26c4da4", VIDEO, GUEST_INTERFACE, _CLOCK)

BEFORE_SERVICES = (
    (MOUSE, "Microsoft Synthetic Mouse"),
    (KEYBOARD, "Microsoft Synthetic Keyboard"),
    (VIDEO, "Microsoft Synthetic Video"),
    (ACTIVATION, "Microsoft Hyper-V Activation Component"),
    (GUEST_INTERFACE, "Microsoft Guest Interface Component"),
)
"""What the manifest of 2012 R2 names in front of the integration services: device, which is the instance, and name."""

AFTER_SERVICES = ((REMOTE, "Microsoft RDV Component"),)
"""And behind them."""

_SERIAL = "1981-9952-3234-1295-3674-7651-98"
_FIXED: tuple[tuple[str, Value], ...] = (
    (f"_{GUEST_INTERFACE}_/Enabled", False),
    (f"_{_BUS}_/address", "5353,00000000,00"),
    (f"_{_PORTS}_/port0/connection", ""),
    (f"_{_PORTS}_/port1/connection", ""),
    (f"_{_BIOS}_/base_board/serial_number", _SERIAL),
    (f"_{_BIOS}_/bios_serial_number", _SERIAL),
    (f"_{_BIOS}_/boot/device0", "Optical"),
    (f"_{_BIOS}_/boot/device1", "HardDrive"),
    (f"_{_BIOS}_/boot/device2", "Network"),
    (f"_{_BIOS}_/boot/device3", "Floppy"),
    (f"_{_BIOS}_/chassis/asset_tag", _SERIAL),
    (f"_{_BIOS}_/chassis/serial_number", _SERIAL),
    (f"_{_BIOS}_/num_lock", False),
    (f"_{_BIOS}_/pause_after_boot_failure", False),
    (f"_{_BIOS}_/pxe_preferred_protocol", 4),
    (f"_{_BIOS}_/secure_boot_enabled", False),
    (f"_{_CLOCK}_/RtcDevice/CmosUtcSkew", -288005458208),
)
_FEATURE, _SETTING = "C885BFD1-ABB7-418F-8163-9F379C9F7166", "A0B25B27-C698-4120-AD49-4CBE3DC028C5"
_NETWORK: tuple[tuple[str, Value], ...] = (
    ("ClusterMonitored", True),
    ("Connection/AltPortName", "Dynamic Ethernet Switch Port"),
    ("Connection/AltSwitchName", "Virtual External Switch"),
    ("Connection/AuthorizationScope", ""),
    ("Connection/ChimneyOffloadWeight", 0),
    (f"Connection/Feature_{_FEATURE}/DisplayName", ""),
    (f"Connection/Feature_{_FEATURE}/Flags", 0),
    (
        f"Connection/Feature_{_FEATURE}/Setting_{_SETTING}/Data",
        bytes.fromhex("000200006400" + "00" * 6 + "01" + "00" * 7),
    ),
    (f"Connection/Feature_{_FEATURE}/Setting_{_SETTING}/Version", 256),
    (f"Connection/Feature_{_FEATURE}/Settings/Id", _SETTING),
    ("Connection/Features/Id", _FEATURE),
    ("Connection/HostResources/HostResource", "438B7B13-6180-4155-B7BF-08709CCF234D"),
    ("Connection/PoolId", ""),
    ("Connection/PreventIPSpoofing", False),
    ("Connection/TestReplicaPoolId", ""),
    ("Connection/TestReplicaSwitchName", ""),
    ("FriendlyName", "Network Adapter"),
    ("IsConnected", True),
    ("MacAddressIsStatic", False),
    ("SwitchName", "438B7B13-6180-4155-B7BF-08709CCF234D"),
    ("VDEVVersion", 256),
)
_METRICS = (
    ("B637F346-6A0E-4DEC-AF52-BD70CB80A21D", ("3F6F1051-C8FC-47EF-9821-C07240848748;0",)),
    (
        "4764334D-E001-4176-82EE-5594EC9B530E",
        ("394DCE66-458F-4895-AE56-41D7C9602A49", "FF85EA46-9933-4436-BE5D-C96827399966"),
    ),
    ("83F8638B-8DCA-4152-9EDA-2CA8B33039B4", (r"AD29978B-AAB6-44AE-81CD-0609BF929F18;0\0\L",)),
)


def further_sections(network: str) -> list[Key]:
    """Return the sections of 2012 R2 that say nothing of disks.

    Args:
        network: The instance GUID of the network adapter, lower case.
    """
    root = make_key("configuration", None)
    versions = {**dict.fromkeys(_PLAIN, 512), **dict.fromkeys(_PLAIN_256, 256)}
    for path, value in (*((f"_{device}_/VDEVVersion", number) for device, number in versions.items()), *_FIXED):
        root = root.with_value(path, value)
    root = root.with_value(f"_{_BIOS}_/bios_guid", f"{{{network.upper()}}}")
    adapter = make_key(f"_{network}_", None)
    named = (
        ("ChannelInstanceGuid", f"{{{network}}}"),
        ("MacAddress", f"00-15-5D-01-{network[:2]}-{network[2:4]}".upper()),
        ("PortName", network.upper()),
        ("VpciInstanceGuid", f"{{{network.upper()}}}"),
    )
    for path, value in (*_NETWORK, *named):
        adapter = adapter.with_value(path, value)
    return [*root.children, adapter]


def metrics() -> Key:
    """Return the measurements: keys that repeat their names."""
    devices = []
    for guid, codes in _METRICS:
        values = [make_key("metric", None, *_metric(guid, code)) for code in codes]
        instance = make_key("deviceinstance", None, make_key("guid", guid), *values)
        devices.append(make_key("devicetype", None, instance, make_key("guid", guid)))
    return make_key("metrics", None, *devices)


def _metric(guid: str, code: str) -> list[Key]:
    return [
        make_key("enabled", value=False),
        *(make_key(name, 0) for name in ("lastcomputedtime", "peaktime", "starttime", "value")),
        make_key("poolid", ""),
        make_key("resourcetypeid", guid),
        make_key("typecode", code),
    ]
