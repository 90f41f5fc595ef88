// SPDX-License-Identifier: Apache-2.0
/* The page about sources. */
#include "init/config/sources/table.h"

static const char introduction[] =
	"# Where the metadata file comes from\n\n"
	"Generated from the sources in `init/config/sources/` by `berth help sources`.\n\n"
	"The metadata file is a [Compose file](compose.md). One is used:\n\n"
	"1. `berth.config=` on the kernel command line names a source of the tables below, an "
	"address, or\n"
	"   holds the file itself: that one must have it, no other is asked. `berth.config=none` "
	"asks nobody.\n"
	"2. Else the sources in the machine itself are asked in the order of the first table, and "
	"the first\n"
	"   document counts. This takes milliseconds.\n"
	"3. When there is none and the command line names no image, the sources over the network "
	"that the\n"
	"   firmware suggests (SMBIOS, seldom more than one) are asked all at once. The first "
	"document\n"
	"   counts; together they have `berth.config.timeout` seconds, counted from when the "
	"network is up.\n\n"
	"Over the documents lies the command line: its keys win, lists grow (`berth.env`, "
	"`berth.port`), and\n"
	"`berth.cmd` and `berth.entrypoint` take the place of those of the document. A host name "
	"that neither\n"
	"gives is taken from the source's meta-data. What stands under `x-berth.network` of a document "
	"that came over\n"
	"the network has no effect, but for time servers, and a warning says so.\n\n"
	"What was asked, what answered and why it counts is a line of step 3 and an entry `config` "
	"in the\n"
	"ledger of the [report](report.md). A document with a mistake ends the boot with a line "
	"for each, before\n"
	"anything is pulled; another source is not tried in its place.\n\n"
	"## Several sources\n\n"
	"`berth.config=initramfs,fw_cfg,nocloud?` makes one description of the documents of several\n"
	"sources, merged as `berth explain A B C` merges files: later ones override earlier ones. Each "
	"must have a\n"
	"document, but those with a `?` behind their name. An address, if there is one, comes last. "
	"Every value keeps\n"
	"the trust of the source that it came from, and a source that is trusted less than dangerous "
	"keys need can\n"
	"neither change nor take away (`!reset`, `!override`) what stands under `x-berth` before it.\n\n"
	"## Files beside the document\n\n"
	"What a document names (`env_file`, `file` of secrets and configs, `extends.file`) lies beside "
	"it, as\n"
	"`./NAME`: on the disk of `nocloud` (its root) and `config-drive` (`openstack/latest`), and for "
	"all others in\n"
	"the folder `/berth` of the initramfs, which a cpio archive behind it may bring along. The "
	"latter, and bind\n"
	"mounts of it, are for sources that are trusted with dangerous keys.\n\n"
	"## External secrets and configs\n\n"
	"`secrets: {NAME: {external: true}}`, and the same of configs: the document does not say the value, whoever starts "
	"the\n"
	"machine leaves it there, by name. The first place that has it counts:\n\n"
	"1. `opt/org.berth/secrets/NAME` or `opt/org.berth/configs/NAME` of QEMU's fw_cfg, whose names have 55 "
	"letters in all\n"
	"2. systemd's credential NAME: `opt/io.systemd.credentials/NAME` of fw_cfg, then "
	"`io.systemd.credential.binary:NAME=BASE64`\n"
	"   and `io.systemd.credential:NAME=TEXT` in SMBIOS type 11\n"
	"3. `/berth/secrets/NAME` or `/berth/configs/NAME` of the initramfs, or of an archive behind it: so it is done for "
	"Firecracker,\n"
	"   which has neither fw_cfg nor SMBIOS. A service that binds the whole folder sees them, too\n"
	"4. `secrets/NAME` or `configs/NAME` beside the document on the disk of `nocloud` or `config-drive`\n\n"
	"The first three are for documents that are trusted with dangerous keys, the last one for the document of that "
	"disk. A value\n"
	"has at most 96 KiB. One that is nowhere ends the boot with a line that says where was looked. `berth boot "
	"--secret NAME=FILE`\n"
	"and `--config NAME=FILE` carry them into the machine; `-fw_cfg name=opt/org.berth/secrets/NAME,file=FILE` is the "
	"same of QEMU.\n\n"
	"## Wrappings\n\n"
	"base64, gzip and zstd are undone, several times over if need be, to at most 256 KiB. Of a "
	"multipart\n"
	"message (`write-mime-multipart`, `cloud-init devel make-mime`) the first part counts "
	"whose type is\n"
	"`text/x-berth` or which has `services` or `x-berth` as a key. So one user data can serve "
	"cloud-init and\n"
	"Berth. What was made for another program (`#cloud-config`, a script, Ignition) is named "
	"and passed\n"
	"over, unless it has one of these keys itself.\n\n"
	"## Disks and CDs\n\n"
	"Disks and CDs are seen behind virtio, virtio-scsi and AHCI (the CD drive of QEMU's board "
	"`q35`). Those behind\n"
	"an IDE controller (`-cdrom` of QEMU's board `pc`, and what many clouds and Proxmox attach) are "
	"looked for\n"
	"only when they are missed, because that takes most of a second: when no other local source "
	"has a document\n"
	"and the command line names no image; when `berth.config=` names a disk that is not there; "
	"and, for\n"
	"[media with images](offline.md), when the image is not in the machine and there is no "
	"network.\n"
	"`berth.ide=always` looks in every boot, beside everything else, `berth.ide=never` in none. A "
	"child of PID 1 does\n"
	"it and has 10 seconds.\n\n"
	"## Trust\n\n"
	"Each source has a level: `network`, `disk`, `command-line` (whoever starts the machine: "
	"firmware and\n"
	"hypervisor too), `built-in`. Dangerous keys, such as `privileged`, `devices`, `pid: host`,\n"
	"`cap_add`, `seccomp=unconfined` and `insecure` of a registry, are taken from `command-line` and better; `berth.config.trust=` "
	"names another\n"
	"least level. With `berth.config.digest=sha256:…` a document of any source must have these "
	"very\n"
	"bytes, and is then as good as the command line.\n\n"
	"The file is read by a worker that opens files and devices, drops all privileges but to read "
	"what lies\n"
	"beside a document, and confines itself, and only then looks at a byte ([security.md](security.md)); PID 1 gets a checked "
	"description of the\n"
	"machine.\n\n";

static void row(FILE *out, const struct config_source *source)
{
	fprintf(out, "| `%s` | %s | %s | %s | `%s` |\n", source->name, trust_name(source->trust),
		source->place, source->by, source->example);
}

void config_sources_document(FILE *out)
{
	static const char head[] = "| name | trust | where it looks | written by | for example |\n"
				   "|---|---|---|---|---|\n";
	fputs(introduction, out);
	for (int local = 1; local >= 0; local--) {
		fprintf(out, "%s\n\n%s",
			local ? "## Without a network, in this order" : "\n## Over the network",
			head);
		for (size_t i = 0; i < config_source_count; i++)
			if (config_sources[i]->local == (local == 1))
				row(out, config_sources[i]);
	}
}
