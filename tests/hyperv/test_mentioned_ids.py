"""Which ids of a configuration are candidates for snapshots: not those of devices, nor the list's, nor its own."""

from __future__ import annotations

from vhdchain.hyperv import Configuration, Key, build_document, make_key, parse_document, read_configuration

OWN, MACHINE, LISTED, PARENT, DEVICE = (f"{number}2345678-0000-4000-8000-00000000000{number}" for number in range(1, 6))


def _read(*keys: Key) -> Configuration:
    properties = make_key("properties", None, make_key("global_id", OWN), make_key("PARENT", f"{{{PARENT.lower()}}}"))
    settings = make_key("settings", None, make_key("global", None, make_key("logical_id", MACHINE)))
    root = make_key("configuration", None, properties, settings, *keys)
    return read_configuration(parse_document(build_document(root), name="x.xml"), path="x.xml")


def test_ids_are_kept_with_their_keys() -> None:
    assert dict(_read().mentioned_ids) == {PARENT: "properties/PARENT"}


def test_the_list_of_snapshots_is_kept_apart() -> None:
    entry = make_key("entry", None, make_key("guid", LISTED))
    beside = make_key("listed_elsewhere", MACHINE.replace("2345678", "9999999"))
    found = _read(make_key("global_settings", None, make_key("snapshots", None, make_key("list", None, entry), beside)))
    assert found.listed_ids == (LISTED,)
    assert dict(found.mentioned_ids) == {
        PARENT: "properties/PARENT",
        beside.text: "global_settings/snapshots/listed_elsewhere",
    }


def test_an_id_that_is_a_name_counts_and_devices_do_not() -> None:
    device = make_key(f"_{DEVICE}_", None, make_key("pool", DEVICE))
    manifest = make_key("manifest", None, make_key("vdev001", None, make_key("instance", DEVICE)))
    metrics = make_key("metrics", None, make_key(f"id_{LISTED}", 1))
    assert dict(_read(device, manifest, metrics).mentioned_ids) == {
        LISTED: f"metrics/id_{LISTED}",
        PARENT: "properties/PARENT",
    }
