# SPDX-License-Identifier: Apache-2.0
"""The defences against hostile images, each as the change of the source that takes it away, and the
checks that must fail then. docs/security.md shows the table; test_142_weakened.py runs it.

    /usr/bin/python3 qemu-tests/harness/defences.py     # prints the tables for docs/security.md
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Defence:
    what: str                               # in a few words
    changes: Tuple[Tuple[str, str], ...]    # text that one file has once → without the defence
    checks: Dict[str,
                 List[str]]            # unit test program → beginnings of checks that then fail
    also: str = ""                          # another defence that has to go first

    def file(self) -> str:
        """The source that holds it; an AssertionError when none does, or more than one."""
        found = [path for path in sorted((ROOT / "images").rglob("*.c"))
                 if path.parent.name not in ("tests", "fuzz", "tools") and all(path.read_text().count(old) == 1 for old, _ in self.changes)]
        assert len(found) == 1, f"{self.what}: the text to be changed is in {found}"
        return str(found[0].relative_to(ROOT))


def _change(old: str, new: str) -> Tuple[Tuple[str, str], ...]:
    return ((old, new),)


BREAKOUT, CONTAINERD = "test_breakout", "test_breakout_containerd"

DEFENCES = {
    "resolve-in-root": Defence(
        "a parent is looked up with RESOLVE_IN_ROOT",
        _change("RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV", "0"),
        {BREAKOUT: ["CVE-2014-6407: absolute symlink, then a file through it: nothing outside",
                    "CVE-2014-9356: relative symlink, then a file through it: nothing outside",
                    "CVE-2018-15664: symlink with many dot-dots: the tree",
                    "CVE-2019-1002101: directory swapped for a symlink between entries: nothing out",
                    "CVE-2026-17106: hard link to a symlink to a directory, then through it",
                    "whiteout through a symlink outside: nothing outside",
                    "opaque through a symlink outside: nothing outside"],
         CONTAINERD: ["containerd SymlinkAbsolute", "containerd SymlinkUpAndOut",
                      "containerd SymlinkMultipleAbsolute", "containerd SymlinkMultipleRelative",
                      "containerd SymlinkEmptyFile", "containerd HardlinkRelative:",
                      "containerd HardlinkDownAndOut", "containerd HardlinkAbsolute",
                      "containerd HardlinkRelativeLong", "containerd SymlinkParentRelative",
                      "containerd SymlinkOverrideDirectory:",
                      "containerd SymlinkOverrideDirectoryRelative",
                      "containerd WhiteoutSymlinkPath"]}),
    "link-target": Defence(
        "so is the parent of a hard link's target",
        _change("return tree_open_directory(place->tree, path);",
                'return openat(place->tree->root_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY);'),
        {BREAKOUT: ["hard link through a symlink outside: ",
                    "CVE-2014-9356: hard link down and out"],
         CONTAINERD: ["containerd HardlinkRelative:", "containerd HardlinkDownAndOut",
                      "containerd HardlinkAbsolute", "containerd HardlinkRelativeLong"]}),
    "link-nofollow": Defence(
        "a hard link to a symlink links the symlink",
        _change(": linkat(dir_fd, target.leaf, place->dir_fd, place->name, 0);",
                ": linkat(dir_fd, target.leaf, place->dir_fd, place->name, AT_SYMLINK_FOLLOW);"),
        {BREAKOUT: ["CVE-2026-17106: hard link to a symlink outside links the symlink: nothing"],
         CONTAINERD: ["containerd HardlinkSymlinkBeforeCreateTarget",
                      "containerd HardlinkSymlinkRelative",
                      "containerd HardlinkSymlinkAbsolute", "containerd HardlinkSymlinkChmod"]}),
    "names": Defence(
        "dot-dot in a name is taken by its text",
        _change("if (part == 2 && at[0] == '.' && at[1] == '.') {", "if (part == 0) {"),
        {BREAKOUT: ["dot-dot after a symlink is taken by its text",
                    "CVE-2021-29136: the root as a symlink: a/.."],
         CONTAINERD: ["containerd SymlinkParentRelative", "containerd WhiteoutRelativePath"]}),
    "file-nofollow": Defence(
        "a file is created anew, never opened through what is there",
        _change("O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC",
                "O_WRONLY | O_CREAT | O_CLOEXEC"),
        {BREAKOUT: ["a file over a symlink replaces it: nothing outside",
                    "CVE-2026-17106: hard link to a symlink, then written over: nothing outside"]}),
    "directory-nofollow": Defence(
        "a symlink is not merged with as if it were the directory",
        (("if (fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)",
          "if (fstatat(place->dir_fd, place->name, &st, 0) < 0)"),
         ("O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC", "O_RDONLY | O_DIRECTORY | O_CLOEXEC")),
        {BREAKOUT: ["CVE-2021-32760, CVE-2021-41089: directory entry over a symlink: nothing outside",
                    "a directory over a symlink replaces it"],
         CONTAINERD: ["containerd DirectoryOverrideSymlinkAndHardlink: the tree"]}),
    "chown-nofollow": Defence(
        "the owner is set without following",
        _change("entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW)", "entry->uid, entry->gid, 0)"),
        {BREAKOUT: ["CVE-2021-32760, CVE-2021-41089: nothing outside has its owner or time"]}),
    "chmod-nofollow": Defence(
        "a symlink has no mode to set, and the mode is set without following",
        (("entry->type != S_IFLNK && change_mode", "change_mode"),
         ("sys_fchmodat2(dir_fd, name, mode, AT_SYMLINK_NOFOLLOW)",
          "fchmodat(dir_fd, name, mode, 0)")),
        {BREAKOUT: ["CVE-2021-32760: mode of a symlink is not the mode of its target: nothing outside"],
         CONTAINERD: ["containerd HardlinkSymlinkChmod"]}),
    "times-nofollow": Defence(
        "times are set without following",
        _change("utimensat(dir_fd, name, entry->times, AT_SYMLINK_NOFOLLOW)",
                "utimensat(dir_fd, name, entry->times, 0)"),
        {BREAKOUT: ["CVE-2021-32760, CVE-2021-41089: nothing outside has its owner or time"]}),
    "root": Defence(
        "an entry for the root is a directory",
        _change("if (entry->type != S_IFDIR)", "if (false)"),
        {BREAKOUT: [f"CVE-2021-29136: the root as a symlink: {name}: "
                    for name in (".", "/", "./", "/.", "..", "a/..")] +
                   ["the root as a file", "the root as a hard link", "the root as a FIFO"],
         CONTAINERD: ["containerd SymlinkParentDirectory", "containerd SymlinkEmptyFilename"]}),
    "whiteout-names": Defence(
        "a whiteout names an entry",
        _change('!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0', "false"),
        {CONTAINERD: ["containerd WhiteoutRoot:", "containerd WhiteoutCurrentDirectory"]}),
    "whiteout-parents": Defence(
        "nothing is below a whiteout",
        _change("if (has_part(path->parent, PREFIX))", "if (false)"),
        {CONTAINERD: ["containerd WhiteoutDirectoryName"]}),
    "whiteout-missing": Defence(
        "a whiteout creates no directories",
        _change("if (parent_find(tree, path->parent, &found, err) < 0)",
                "if (found = true, parent_make(tree, path->parent, err) < 0)"),
        {CONTAINERD: ["containerd WhiteoutDeadSymlinkParent"]}),
    "removal-nofollow": Defence(
        "removal goes into directories only",
        (("return record->type == 4; /* DT_DIR */",
          "return record->type == 4 || record->type == 10;"),
         ("O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,",
          "O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,"),
         ("RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV", "0")),
        {BREAKOUT: ["a file over a directory that holds a symlink to one outside: nothing outside"]}),
    "removal-beneath": Defence(
        "removal never goes up, not even by such a name",
        _change("RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV", "RESOLVE_NO_SYMLINKS"),
        {BREAKOUT: ["whiteout of the root's parent: nothing outside"],
         CONTAINERD: ["containerd WhiteoutRootParent: nothing outside",
                      "containerd WhiteoutParent: the tree"]}, also="whiteout-names"),
    "removal-mounts": Defence(
        "removal does not go into another file system",
        _change("RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV", "RESOLVE_NO_SYMLINKS"),
        {"test_removal": ["a mount in the tree: refused"]}),
    "open-parent": Defence(
        "the open parent is looked up again after a replacement",
        _change("parent_forget(place->tree);", ""),
        {BREAKOUT: ["the way to the open parent leads through what is replaced in it: the tree"]}),
    "header-bytes": Defence(
        "headers of one entry have a limit",
        _change("reader->header_bytes > TAR_HEADERS_MAX + BLOCK", "false"),
        {"test_tar_formats": ["CVE-2025-58183: a sparse map without end"]}),
    "sparse-map": Defence(
        "a sparse map stays within the size",
        _change("offset < 0 || offset > size || (uint64_t)(size - offset) < length", "offset < 0"),
        {"test_tar_formats": ["a sparse map beyond the size"]}),
    "byte-budget": Defence(
        "bytes of an image have a budget",
        _change("if (bytes > tree->budget->bytes)", "if (false)"),
        {"test_layer": ["bomb: one byte more", "8 GiB announced"]}),
    "entry-budget": Defence(
        "entries of an image have a budget",
        _change("if (tree->budget->entries == 0)", "if (false)"),
        {"test_layer": ["bomb: one entry more", "bomb: directories that have no entry"]}),
    "stream-budget": Defence(
        "bytes after inflating have a budget",
        _change("if (budget->stream_max == 0 || budget->stream <= budget->stream_max)",
                "if (true)"),
        {"test_layer": ["bomb: a stream of more"]}),
    "zstd-window": Defence(
        "zstd gets at most 128 MiB of window",
        _change("ZSTD_WINDOW_LOG = 27,", "ZSTD_WINDOW_LOG = 30,"),
        {"test_inflate": ["bomb: zstd with a window of 256 MiB"]}),
    "attributes": Defence(
        "attributes that speak to the machine are left out",
        _change('return strcmp(name, "security.selinux") == 0', 'return false && name'),
        {"test_layer": ["file: labels of the builder's machine are left out"]}),
    "no-programs": Defence(
        "a worker can start no program",
        _change("__NR_brk,", "__NR_brk, __NR_execve,"),
        {"test_layer_confined": ["CVE-2026-41567, CVE-2019-14271, CVE-2014-9357: no program"]}),
    "digest-form": Defence(
        "a digest has its form before it is used",
        (('length != 64 || strspn(text + 7, "0123456789abcdef") != 64', "length < 1"),
         ("memcpy(out->text, text, DIGEST_TEXT);",
          "memcpy(out->text, text, strnlen(text, DIGEST_TEXT - 1) + 1);")),
        {"test_digest": ["CVE-2024-3727, CVE-2014-9358: refused"]}),
    "ambiguous-kind": Defence(
        "a document is not both manifest and index",
        (('return error_set(err, "manifest is ambiguous: it has both layers and manifests");', ";"),
         ('return error_set(err, "manifest is ambiguous: sent as',
          'error_set(err, "manifest is ambiguous: sent as')),
        {"test_manifest": ["CVE-2021-41190: both kinds",
                           "CVE-2021-41190: an index sent as a manifest",
                           "CVE-2021-41190: a manifest sent as an index"]}),
    "signature-subject": Defence(
        "a signature is of this image",
        _change("if (strcmp(claim->digest.text, subject->text) != 0)", "if (false)"),
        {"test_signature": ["GHSA-whqx-f9j3-ch6m"]}),
    "plain-http": Defence(
        "https never becomes http on the way",
        _change("return to->tls || !from->tls || http_is_insecure(settings, to);", "return true;"),
        {"test_http_url": ["CVE-2014-5277: https never becomes http"]}),
}

CLIENT = "test_143_client_attacks.py"

# The same for the client: `berth` is linked without the defence, and tests run with it.
CLIENT_DEFENCES = {
    "authorization-origin": Defence(
        "Authorization goes to the origin it is for",
        _change("if (request->authorization && http_same_origin(&transfer->origin, &transfer->first_origin) &&",
                "if (request->authorization &&"),
        {CLIENT: ["test_cve_2020_15157_redirect"]}),
    "no-fallback": Defence(
        "https is not given up for http",
        _change("if (peer && peer->ca)\n\t\treturn false;", ""),
        {CLIENT: ["test_cve_2014_5277_no_fallback_to_http"]}),
    "realm-scheme": Defence(
        "a token service of a registry in TLS is in TLS",
        _change("if (!service.tls && !insecure)", "if (false)"),
        {"test_150_registries.py": ["test_token_service_in_plain_http"]}),
    "realm-password": Defence(
        "a password goes to a token service of the same host, or one that is listed",
        _change("*send_credentials = !insecure || same_host || listed;",
                "*send_credentials = true;"),
        {CLIENT: ["test_realm_ssrf_password"]}),
    "realm-address": Defence(
        "a registry cannot send us to link-local addresses",
        _change("if (foreign && is_link_local(&address->addr))", "if (false)"),
        {CLIENT: ["test_realm_ssrf_link_local"]}),
    "manifest-kind": Defence(
        "a document is not both manifest and index, whatever the server says",
        (('return error_set(err, "manifest is ambiguous: it has both layers and manifests");', ";"),
         ('return error_set(err, "manifest is ambiguous: sent as',
          'error_set(err, "manifest is ambiguous: sent as')),
        {CLIENT: ["test_cve_2021_41190_ambiguous_manifest"]}),
    "manifest-digest": Defence(
        "a manifest has the digest it was asked for by",
        _change("if (!expected || strcmp(expected->text, actual->text) == 0)", "if (true)"),
        {CLIENT: ["test_digest_of_a_manifest"]}),
    "layer-digest": Defence(
        "a layer has the digests of manifest and configuration",
        _change("if (strcmp(actual->text, expected->text) == 0)", "if (true)"),
        {CLIENT: ["test_digest_of_a_layer", "test_diff_id_of_a_layer"]}),
}

# Where each published attack is a test of that name: attack → files that have it in names of tests.
ATTACKS = {
    "containerd's TestBreakouts": ["images/tests/test_breakout_containerd.c"],
    "CVE-2026-17106": ["images/tests/test_breakout.c"],
    "CVE-2014-6407": ["images/tests/test_breakout.c"],
    "CVE-2014-9356": ["images/tests/test_breakout.c"],
    "CVE-2014-9358": ["images/tests/test_digest.c"],
    "CVE-2018-15664": ["images/tests/test_breakout.c"],
    "CVE-2019-1002101": ["images/tests/test_breakout.c"],
    "CVE-2021-29136": ["images/tests/test_breakout.c"],
    "CVE-2021-32760": ["images/tests/test_breakout.c"],
    "CVE-2021-41089": ["images/tests/test_breakout.c"],
    "CVE-2017-14992": ["images/tests/test_tar_formats.c"],
    "CVE-2025-58183": ["images/tests/test_tar_formats.c"],
    "bombs": ["images/tests/test_layer.c", "images/tests/test_inflate.c"],
    "CVE-2026-41567": ["images/tests/test_layer_confined.c",
                       "qemu-tests/test_105_hostile_images.py"],
    "CVE-2019-14271": ["images/tests/test_layer_confined.c",
                       "qemu-tests/test_105_hostile_images.py"],
    "CVE-2014-9357": ["images/tests/test_layer_confined.c",
                      "qemu-tests/test_105_hostile_images.py"],
    "CVE-2022-23648": ["qemu-tests/test_105_hostile_images.py"],
    "CVE-2020-15157": ["qemu-tests/test_143_client_attacks.py"],
    "CVE-2021-41190": ["images/tests/test_manifest.c", "qemu-tests/test_143_client_attacks.py"],
    "CVE-2024-3727": ["images/tests/test_digest.c", "qemu-tests/test_143_client_attacks.py"],
    "CVE-2014-5277": ["images/tests/test_http_url.c", "qemu-tests/test_143_client_attacks.py"],
    "realm SSRF": ["qemu-tests/test_143_client_attacks.py"],
    "CVE-2026-53488": ["qemu-tests/test_105_hostile_images.py"],
    "GHSA-whqx-f9j3-ch6m": ["images/tests/test_signature.c"],
}
# What a test's name has of an attack's, where that is not the name itself.
SPELLINGS = {"containerd's TestBreakouts": "containerd %s", "bombs": "bomb: "}


def unnamed_attacks() -> List[str]:
    """Attacks whose name is missing in a file that is said to have it."""
    missing = []
    for attack, files in ATTACKS.items():
        for file in files:
            text = (ROOT / file).read_text().lower().replace("_", "-")
            name = SPELLINGS.get(attack, attack).lower().replace(" ",
                                                                 "-" if "SSRF" in attack else " ")
            missing += [] if name in text else [f"{attack}: {file}"]
    return missing


def attack_table() -> str:
    lines = ["| attack | tests of that name |", "|---|---|"]
    return "\n".join(lines + [f"| {attack} | {', '.join(f'`{Path(file).stem}`' for file in files)} |"
                              for attack, files in ATTACKS.items()])


def table(rows: Dict[str, Defence]) -> str:
    """As it stands in docs/security.md."""
    lines = ["| defence | checks that fail without it |", "|---|---|"]
    for defence in rows.values():
        checks = "; ".join(f"`{program}`: {', '.join(name.rstrip(': ') for name in names)}"
                           for program, names in defence.checks.items())
        also = f" (and {rows[defence.also].what})" if defence.also else ""
        lines.append(f"| {defence.what}{also} | {checks} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(attack_table(), table({**DEFENCES, **CLIENT_DEFENCES}), sep="\n\n")
