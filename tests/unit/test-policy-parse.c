/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies that are refused, with the messages, and policies that are understood. */
#include <string.h>

#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"
#include "tests/unit/policies.h"

typedef struct {
	const char *text;
	const char *error;
} Bad;

static const Bad bad[] = {
	/* keys */
	{ "version: 1\nkms:\n  run: 1\n", "P:2:1: unknown key 'kms', did you mean 'ksm'?" },
	{ "disk: []\n", "P:1:1: unknown key 'disk', did you mean 'disks'?" },
	{ "verison: 1\n", "P:1:1: unknown key 'verison', did you mean 'version'?" },
	{ "vm.swappiness: 1\n", "P:1:1: unknown key 'vm.swappiness'" },
	{ "'': 1\n", "P:1:1: unknown key ''" },
	{ "ksm:\n  pages_to_scna: 1\n",
	  "P:2:3: unknown key 'pages_to_scna', did you mean 'pages_to_scan'?" },
	{ "ksm: { general_profit: 1 }\n", "P:1:8: unknown key 'general_profit'" },
	{ "sysctl:\n  vm.swapiness: 1\n",
	  "P:2:3: unknown key 'vm.swapiness', did you mean 'vm.swappiness'?" },
	{ "disks:\n- match: ssd\n  iosched/read_expires: 1\n",
	  "P:3:3: unknown key 'iosched/read_expires', did you mean 'iosched/read_expire'?" },
	{ "disks: [ { mach: ssd } ]\n", "P:1:12: unknown key 'mach', did you mean 'match'?" },
	{ "disks: [ { match: ssd, write_cache: 1 } ]\n", "P:1:24: unknown key 'write_cache'" },
	{ "ksm: { <<: 1 }\n", "P:1:8: unknown key '<<'" },
	{ "ksm: { [run]: 1 }\n", "P:1:8: expected a single value, not a list" },
	{ "ksm: { ? {run: 1} : 1 }\n", "P:1:10: expected a single value, not a mapping" },
	/* types */
	{ "- version\n", "P:1:1: expected keys with values ('key: value')" },
	{ "just words\n", "P:1:1: expected keys with values ('key: value')" },
	{ "ksm: 1\n", "P:1:6: expected keys with values ('key: value')" },
	{ "ksm: [run]\n", "P:1:6: expected keys with values ('key: value')" },
	{ "ksm:\n", "P:1:5: expected keys with values ('key: value')" },
	{ "disks: { match: ssd }\n", "P:1:8: expected a list" },
	{ "disks: ssd\n", "P:1:8: expected a list" },
	{ "disks:\n- ssd\n", "P:2:3: expected keys with values ('key: value')" },
	{ "ksm:\n  run: { now: 1 }\n", "P:2:8: expected a single value, not a mapping" },
	{ "ksm:\n  run: [1]\n", "P:2:8: run takes one value, not a list" },
	{ "sysctl:\n  net.core.rmem_max: [1, 2]\n",
	  "P:2:22: net.core.rmem_max takes one value, not a list" },
	{ "sysctl:\n  net.ipv4.tcp_rmem: [1, [2], 3]\n",
	  "P:2:26: expected a single value, not a list" },
	{ "volume-groups: { a: b }\n", "P:1:16: expected a single value, not a mapping" },
	/* repeated */
	{ "ksm: { run: 1 }\nksm: { run: 0 }\n", "P:2:1: duplicate key 'ksm'" },
	{ "ksm:\n  run: 1\n  run: 1\n", "P:3:3: duplicate key 'run'" },
	{ "ksm: { run: 1, run: 0 }\n", "P:1:16: duplicate key 'run'" },
	{ "disks: [ { match: ssd, match: nvme } ]\n", "P:1:24: duplicate key 'match'" },
	{ "sysctl:\n  vm.swappiness: 1\n  vm/swappiness: 2\n",
	  "P:3:3: 'vm.swappiness' is set already, at P:2" },
	{ "sysctl:\n  net.ipv4.conf.eth0/100.x: 1\n  net/ipv4/conf/eth0.100/x: 2\n",
	  "P:3:3: 'net/ipv4/conf/eth0.100/x' is set already, at P:2" },
	{ "ksm: { run: 1 }\nattributes:\n  /sys/kernel/mm/ksm/run: 1\n",
	  "P:3:3: 'sys/kernel/mm/ksm/run' is set already, at P:1" },
	{ "attributes:\n  sys/./a: 1\n  sys//a: 1\n", "P:3:3: 'sys//a' is set already, at P:2" },
	{ "sysctl:\n  vm.dirty_bytes: 8192\n  vm.dirty_ratio: 10\n",
	  "P:3:3: 'vm.dirty_ratio' and 'vm.dirty_bytes' (P:2) are one setting: "
	  "writing one clears the other" },
	{ "sysctl:\n  vm.dirty_background_ratio: 1\n  vm/dirty_background_bytes: 1\n",
	  "P:3:3: 'vm.dirty_background_bytes' and 'vm.dirty_background_ratio' (P:2) are one "
	  "setting: writing one clears the other" },
	{ "attributes:\n  proc/sys/vm/dirty_ratio: 1\nsysctl:\n  vm.dirty_bytes: 8192\n",
	  "P:4:3: 'vm.dirty_bytes' and 'proc/sys/vm/dirty_ratio' (P:2) are one setting: "
	  "writing one clears the other" },
	{ "sysctl:\n  vm.dirty_bytes: 8192\nattributes:\n  proc/sys/vm/dirty_ratio: 1\n",
	  "P:4:3: 'proc/sys/vm/dirty_ratio' and 'vm.dirty_bytes' (P:2) are one setting: "
	  "writing one clears the other" },
	/* values */
	{ "ksm:\n  run: yes\n", "P:2:8: run: 'yes' is not a number" },
	{ "ksm:\n  run: 1.0\n", "P:2:8: run: '1.0' is not a number" },
	{ "ksm:\n  run: '1 '\n", "P:2:8: run: '1 ' is not a number" },
	{ "ksm:\n  run: 3\n", "P:2:8: run: '3' is not in 0..2" },
	{ "ksm:\n  run: -1\n", "P:2:8: run: '-1' is not in 0..2" },
	{ "ksm:\n  run: 99999999999999999999\n",
	  "P:2:8: run: '99999999999999999999' is not a number" },
	{ "sysctl:\n  vm.dirty_bytes: 0\n",
	  "P:2:19: vm.dirty_bytes: '0' is not in 8192..9223372036854775807" },
	{ "sysctl:\n  vm/dirty_bytes: 0\n",
	  "P:2:19: vm/dirty_bytes: '0' is not in 8192..9223372036854775807" },
	{ "sysctl:\n  net.ipv4.tcp_rmem: [1, many, 3]\n",
	  "P:2:22: net.ipv4.tcp_rmem: '1 many 3' is not a row of numbers" },
	{ "sysctl:\n  net.ipv4.tcp_rmem: [1, '', 3]\n", "P:2:22: an item of the list is empty" },
	{ "transparent_hugepage: { enabled: sometimes }\n",
	  "P:1:34: enabled: 'sometimes' is not in always|madvise|never" },
	{ "transparent_hugepage: { enabled: [madvise, often] }\n",
	  "P:1:34: enabled: 'often' is not in always|madvise|never" },
	{ "disks: [ { match: ssd, scheduler: '[none]' } ]\n",
	  "P:1:35: scheduler: '[none]' is not one word" },
	{ "disks: [ { match: ssd, scheduler: [none, ''] } ]\n",
	  "P:1:35: an item of the list is empty" },
	{ "disks: [ { match: ssd, scheduler: 'none||bfq' } ]\n",
	  "P:1:35: scheduler: '' is not one word" },
	/* no value */
	{ "ksm:\n  run:\n", "P:2:7: run has no value" },
	{ "ksm:\n  run: ''\n", "P:2:8: run has no value" },
	{ "ksm:\n  run: ~\n", "P:2:8: run has no value" },
	{ "sysctl:\n  kernel.panic: null\n", "P:2:17: kernel.panic has no value" },
	{ "sysctl:\n  kernel.panic: ' '\n", "P:2:17: kernel.panic: ' ' is empty" },
	{ "sysctl:\n  kernel.printk: []\n", "P:2:18: kernel.printk has no value" },
	{ "sysctl:\n  net.ipv4.tcp_rmem: []\n", "P:2:22: net.ipv4.tcp_rmem has no value" },
	{ "disks: [ { match: ssd, scheduler: [] } ]\n", "P:1:35: scheduler has no value" },
	/* names that lead elsewhere */
	{ "attributes: { etc/passwd: x }\n",
	  "P:1:15: 'etc/passwd' is not below sys/ or proc/sys/" },
	{ "attributes: { /etc/passwd: x }\n",
	  "P:1:15: '/etc/passwd' is not below sys/ or proc/sys/" },
	{ "attributes: { proc/self/mem: x }\n",
	  "P:1:15: 'proc/self/mem' is not below sys/ or proc/sys/" },
	{ "attributes: { system/x: x }\n", "P:1:15: 'system/x' is not below sys/ or proc/sys/" },
	{ "attributes: { sys/../etc/passwd: x }\n",
	  "P:1:15: 'sys/../etc/passwd' is not below sys/ or proc/sys/" },
	{ "attributes: { sys/kernel/../x: x }\n",
	  "P:1:15: 'sys/kernel/../x' is not below sys/ or proc/sys/" },
	{ "attributes: { sys: x }\n", "P:1:15: 'sys' is not below sys/ or proc/sys/" },
	{ "attributes: { '': x }\n", "P:1:15: '' is not below sys/ or proc/sys/" },
	{ "sysctl: { '': x }\n", "P:1:11: '' is not below sys/ or proc/sys/" },
	{ "sysctl: { /../../etc/passwd: x }\n",
	  "P:1:11: '/../../etc/passwd' is not below sys/ or proc/sys/" },
	{ "sysctl: { vm/../../../etc: x }\n",
	  "P:1:11: 'vm/../../../etc' is not below sys/ or proc/sys/" },
	{ "sysctl: { kernel.//.etc: x }\n",
	  "P:1:11: 'kernel.//.etc' is not below sys/ or proc/sys/" },
	{ "disks: [ { match: ssd, iosched/../../x: 1 } ]\n",
	  "P:1:24: 'iosched/../../x' is not below sys/ or proc/sys/" },
	{ "sysctl: { net.ipv4.conf.*.rp_filter: 1 }\n",
	  "P:1:11: 'net.ipv4.conf.*.rp_filter': only attributes can be patterns" },
	{ "sysctl: { '*': 1 }\n", "P:1:11: '*': only attributes can be patterns" },
	{ "disks: [ { match: ssd, 'iosched/*': 1 } ]\n",
	  "P:1:24: 'iosched/*': only attributes can be patterns" },
	/* match */
	{ "disks: [ { scheduler: none } ]\n", "P:1:10: a rule for a disk needs 'match'" },
	{ "disks: [ {} ]\n", "P:1:10: a rule for a disk needs 'match'" },
	{ "disks: [ { match: [] } ]\n", "P:1:19: match: needs at least one word" },
	{ "disks: [ { match: } ]\n", "P:1:19: match: '' is not the name of a disk" },
	{ "disks: [ { match: '!' } ]\n", "P:1:19: match: '!' is not the name of a disk" },
	{ "disks: [ { match: [ssd, ''] } ]\n", "P:1:19: match: '' is not the name of a disk" },
	{ "disks: [ { match: /dev/sda } ]\n",
	  "P:1:19: match: '/dev/sda' is not the name of a disk" },
	{ "disks: [ { match: '!disk/x' } ]\n",
	  "P:1:19: match: '!disk/x' is not the name of a disk" },
	{ "disks: [ { match: rotationl } ]\n",
	  "P:1:19: match: 'rotationl', did you mean 'rotational'?" },
	{ "disks: [ { match: ['!nmve'] } ]\n", "P:1:19: match: '!nmve', did you mean 'nvme'?" },
	{ "disks: [ { match: Drbd } ]\n", "P:1:19: match: 'Drbd', did you mean 'drbd'?" },
	{ "disks: [ { match: { drbd: 1 } } ]\n", "P:1:19: expected a single value, not a mapping" },
	/* version, groups */
	{ "version: 2\n", "P:1:10: version '2' is not known, this program reads version 1" },
	{ "version: 1.0\n", "P:1:10: version '1.0' is not known, this program reads version 1" },
	{ "version:\n", "P:1:9: version '' is not known, this program reads version 1" },
	{ "version: [1]\n", "P:1:10: expected a single value, not a list" },
	{ "volume-groups: a/b\n", "P:1:16: volume-groups: 'a/b' is not the name of a group" },
	{ "volume-groups: [xenvg, '']\n", "P:1:16: volume-groups: '' is not the name of a group" },
	{ "volume-groups: -x\n", "P:1:16: volume-groups: '-x' is not the name of a group" },
	{ "volume-groups: ..\n", "P:1:16: volume-groups: '..' is not the name of a group" },
	/* CPUs */
	{ "guests: 1\n", "P:1:9: expected keys with values ('key: value')" },
	{ "guests:\n  image: /a\n", "P:2:3: unknown key 'image', did you mean 'images'?" },
	{ "guests: { images: { /a: 1 } }\n", "P:1:19: expected a single value, not a mapping" },
	{ "guests: { images: [/a, images] }\n", "P:1:19: images: 'images' is not the absolute path "
						"of a directory, without '.', '..' and a "
						"slash at its end" },
	{ "guests: { images: /a/ }\n",
	  "P:1:19: images: '/a/' is not the absolute path of a directory, "
	  "without '.', '..' and a slash at its end" },
	{ "guests: { images: / }\n", "P:1:19: images: '/' is not the absolute path of a directory, "
				     "without '.', '..' and a slash at its end" },
	{ "guests: { images: //a }\n",
	  "P:1:19: images: '//a' is not the absolute path of a directory, "
	  "without '.', '..' and a slash at its end" },
	{ "guests: { images: /a/../b }\n", "P:1:19: images: '/a/../b' is not the absolute path of "
					   "a directory, without '.', '..' and a "
					   "slash at its end" },
	{ "guests: { images: '' }\n", "P:1:19: images: '' is not the absolute path of a directory, "
				      "without '.', '..' and a slash at its end" },
	{ "guests: { deadline: 59 }\n", "P:1:21: deadline: '59' is not in 60..86400" },
	{ "guests: { deadline: 86401 }\n", "P:1:21: deadline: '86401' is not in 60..86400" },
	{ "guests: { deadline: 10m }\n", "P:1:21: deadline: '10m' is not in 60..86400" },
	{ "guests: { accelerator: xen }\n",
	  "P:1:24: accelerator: 'xen' is none of auto, kvm, tcg" },
	{ "cpu: 1\n", "P:1:6: expected keys with values ('key: value')" },
	{ "cpu:\n  gat: on\n", "P:2:3: unknown key 'gat', did you mean 'gate'?" },
	{ "cpu: { allowed: [] }\n", "P:1:8: unknown key 'allowed', did you mean 'allow'?" },
	{ "cpu: { frobnicate: x }\n", "P:1:8: unknown key 'frobnicate'" },
	{ "cpu: { gate: maybe }\n", "P:1:14: 'maybe' is neither 'on' nor 'off'" },
	{ "cpu: { gate: On }\n", "P:1:14: 'On' is neither 'on' nor 'off'" },
	{ "cpu: { gate: }\n", "P:1:14: '' is neither 'on' nor 'off'" },
	{ "cpu: { gate: [on] }\n", "P:1:14: expected a single value, not a list" },
	{ "cpu: { gate: on, gate: off }\n", "P:1:18: duplicate key 'gate'" },
	{ "cpu: { unknown: refused }\n", "P:1:17: 'refused' is neither 'refuse' nor 'warn'" },
	{ "cpu: { unknown: on }\n", "P:1:17: 'on' is neither 'refuse' nor 'warn'" },
	{ "cpu: { cluster-default: true }\n", "P:1:25: 'true' is neither 'yes' nor 'no'" },
	{ "cpu:\n  allow: [security, lost]\n",
	  "P:2:10: 'lost' cannot be allowed; 'security', 'nested' and 'pmu' can" },
	{ "cpu: { allow: layout }\n",
	  "P:1:15: 'layout' cannot be allowed; 'security', 'nested' and 'pmu' can" },
	{ "cpu: { allow: { security: 1 } }\n", "P:1:15: expected a single value, not a mapping" },
	{ "cpu: { type: '' }\n", "P:1:14: '' is not a CPU type" },
	{ "cpu: { type: }\n", "P:1:14: '' is not a CPU type" },
	{ "cpu: { type: -host }\n", "P:1:14: '-host' is not a CPU type" },
	{ "cpu: { type: 'host, -rtm' }\n", "P:1:14: 'host, -rtm' is not a CPU type" },
	{ "cpu: { type: 'a\\,b' }\n", "P:1:14: 'a\\,b' is not a CPU type" },
	{ "cpu: { type: [host] }\n", "P:1:14: expected a single value, not a list" },
	/* DRBD */
	{ "drbd: 1\n", "P:1:7: expected keys with values ('key: value')" },
	{ "drbd: { net/max-bufers: 1 }\n",
	  "P:1:9: unknown key 'net/max-bufers', did you mean 'net/max-buffers'?" },
	{ "drbd: { max-buffers: 2048 }\n", "P:1:9: unknown key 'max-buffers'" },
	{ "drbd: { net/../x: 1 }\n", "P:1:9: unknown key 'net/../x'" },
	{ "drbd: { net/max-buffers: many }\n", "P:1:26: net/max-buffers: 'many' is not a number" },
	{ "drbd: { net/max-buffers: 31 }\n", "P:1:26: net/max-buffers: '31' is not in 32..131072" },
	{ "drbd: { net/max-buffers: [1, 2] }\n",
	  "P:1:26: net/max-buffers takes one value, not a list" },
	{ "drbd: { disk/al-extents: auto }\n", "P:1:26: disk/al-extents: 'auto' is not a number" },
	{ "drbd: { disk/c-max-rate: 1, disk/c-max-rate: 2 }\n",
	  "P:1:29: duplicate key 'disk/c-max-rate'" },
	{ "ksm: { run: auto }\n", "P:1:13: run: 'auto' is not a number" },
	{ "drbd: { lnik: 10G }\n", "P:1:9: unknown key 'lnik', did you mean 'link'?" },
	{ "drbd: { link: fast }\n",
	  "P:1:15: invalid speed 'fast': say auto, or a number of Mb/s, or 1G, 10G" },
	{ "drbd: { link: 0 }\n",
	  "P:1:15: invalid speed '0': say auto, or a number of Mb/s, or 1G, 10G" },
	{ "drbd: { non-volatile-cache: maybe }\n", "P:1:29: 'maybe' is neither 'yes' nor 'no'" },
	{ "drbd: { disk/disk-flushes: off }\n",
	  "P:1:28: disk/disk-flushes: 'off' is not in yes|no" },
	{ "drbd:\n  disk/disk-flushes: no\n",
	  "P:2:3: disk/disk-flushes: no (P:2) loses data unless the disks' caches outlive power: "
	  "say non-volatile-cache: yes" },
	{ "drbd: { disk/md-flushes: no, non-volatile-cache: no }\n",
	  "P:1:7: disk/md-flushes: no (P:1) loses data unless the disks' caches outlive power: "
	  "say non-volatile-cache: yes" },
	{ "drdb: {}\n", "P:1:1: unknown key 'drdb', did you mean 'drbd'?" },
	/* YAML itself */
	{ "version: 1\nksm: { run: 1\n", "P:3:1: did not find expected ',' or '}'" },
	{ "\tversion: 1\n", "P:1:1: found character that cannot start any token" },
	{ "ksm:\n  run: 1\n pages_to_scan: 1\n", "P:3:2: did not find expected key" },
	{ "ksm: *nothing\n", "P:1:6: an alias is not allowed here" },
	{ "a: b: c\n", "P:1:5: mapping values are not allowed in this context" },
	{ "version: 1\n---\nversion: 1\n", "P:2:1: a second document" },
	{ "version: 1\n---\n", "P:2:1: a second document" },
	{ "version: 1\n...\nksm: [\n", "P:3:1: did not find expected <document start>" },
	{ "version: 1\n# \001\n", "P:2:3: control characters are not allowed" },
	{ "version: 1\nksm: \377\n", "P:2:6: invalid leading UTF-8 octet" },
	{ "sysctl: { kernel.x: \"a\\rb\" }\n",
	  "P:1:21: a value must be one line without control characters" },
	{ "sysctl: { kernel.x: \"a\\0b\" }\n",
	  "P:1:21: a value must be one line without control characters" },
	{ "sysctl: { kernel.x: \"\\e[2J\" }\n",
	  "P:1:21: a value must be one line without control characters" },
	{ "sysctl:\n  kernel.x: |\n    1\n    2\n",
	  "P:2:13: a value must be one line without control characters" },
	{ "version: 1\r\nksm:\r\n  run: 3\r\n", "P:3:8: run: '3' is not in 0..2" },
	/* nodes within themselves */
	{ "&a [*a]\n", "P:1:1: an anchor is not allowed here" },
	{ "disks: &a [*a]\n", "P:1:8: an anchor is not allowed here" },
	{ "ksm: &a { run: *a }\n", "P:1:6: an anchor is not allowed here" },
	{ "a: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n", "P:1:19: nested too deeply" },
};

static void test_bad(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		check_row(bad[i].text);
		policies_check_bad(bad[i].text, strlen(bad[i].text), bad[i].error);
	}
}

/* A fault in the last line refuses the whole policy. */
static void test_bad_behind_good(void)
{
	static const char good[] = "version: 1\nsysctl:\n  vm.swappiness: 1\n"
				   "disks:\n- match: ssd\n  scheduler: none\n";

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		check_row(bad[i].text);
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat(good, bad[i].text, NULL);
		g_autoptr(TunePolicy) policy = tune_policy_parse(text, strlen(text), "P", &error);
		CU_ASSERT_PTR_NULL(policy);
		CHECK_HOLDS(error ? error->message : NULL, "P:");
		CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
	}
}

static void test_good(void)
{
	static const struct {
		const char *text;
		const char *settings;
	} rows[] = {
		{ "", "" },
		{ "# nothing\n", "" },
		{ "drbd: { link: 10G, net/max-buffers: auto, disk/c-max-rate: 409600 }\n",
		  "drbd.net/max-buffers=auto drbd.disk/c-max-rate=409600" },
		{ "drbd: { link: auto, non-volatile-cache: yes, disk/disk-flushes: no }\n",
		  "drbd.disk/disk-flushes=no" },
		{ "drbd: { disk/disk-flushes: yes }\n", "drbd.disk/disk-flushes=yes" },
		{ "version: 1\n", "" },
		{ "version: '1'\n...\n", "" },
		{ "sysctl: {}\ndisks: []\n", "" },
		{ "\357\273\277ksm: { run: 1 }\n", "ksm.run=1" },
		{ "version: 1\r\nksm:\r\n  run: 1\r\n", "ksm.run=1" },
		{ "ksm: { run: 1 }", "ksm.run=1" },
		{ "sysctl:\n  vm.swappiness: 10\n  kernel.panic: '5'\n",
		  "vm.swappiness=10 kernel.panic=5" },
		{ "sysctl: { vm/swappiness: 10 }\n", "vm.swappiness=10" },
		{ "sysctl: { net/ipv4/conf/eth0.100/rp_filter: 1 }\n",
		  "net/ipv4/conf/eth0.100/rp_filter=1" },
		{ "sysctl: { vm.dirty_bytes: 8192, vm.dirty_background_ratio: 5 }\n",
		  "vm.dirty_bytes=8192 vm.dirty_background_ratio=5" },
		{ "sysctl: { net.ipv4.tcp_rmem: [1, 2, 3], net.ipv4.tcp_wmem: 1 2 3 }\n",
		  "net.ipv4.tcp_rmem=1 2 3 net.ipv4.tcp_wmem=1 2 3" },
		{ "sysctl: { kernel.printk: [4, 4, 1, 7] }\n", "kernel.printk=4 4 1 7" },
		{ "sysctl: { kernel.core_pattern: 'null' }\n", "kernel.core_pattern=null" },
		{ "transparent_hugepage: { enabled: [madvise, never] }\n",
		  "transparent_hugepage.enabled=madvise|never" },
		{ "attributes: { /sys/module/kvm/parameters/halt_poll_ns: 0 }\n",
		  "sys/module/kvm/parameters/halt_poll_ns=0" },
		{ "attributes: { 'sys/class/net/*/queues/rx-?/rps_cpus': ff }\n",
		  "sys/class/net/*/queues/rx-?/rps_cpus=ff" },
		{ "disks: [ { match: ssd } ]\n", "ssd{}" },
		{ "disks:\n- scheduler: [mq-deadline, none]\n  match: [drbd, '!nvme']\n"
		  "- match: sd*\n  iosched/back_seek_max: 1\n  nr_requests: 64\n",
		  "drbd,!nvme{scheduler=mq-deadline|none } "
		  "sd*{iosched/back_seek_max=1 nr_requests=64 }" },
		{ "disks: [ { match: [sda, cciss!c0d0, '!drbd0', 'nvme?n1'] } ]\n",
		  "sda,cciss!c0d0,!drbd0,nvme?n1{}" },
		/* Two rules may be the same. */
		{ "disks: [ { match: ssd, nomerges: 1 }, { match: ssd, nomerges: 1 } ]\n",
		  "ssd{nomerges=1 } ssd{nomerges=1 }" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(TunePolicy)
			policy = tune_policy_parse(rows[i].text, strlen(rows[i].text), "P", &error);
		CHECK_NO_ERROR(error);
		g_autofree char *settings = policies_print(policy);
		CHECK_TEXT(settings, rows[i].settings);
	}
}

static void test_volume_groups(void)
{
	static const struct {
		const char *text;
		const char *groups;
	} rows[] = {
		{ "version: 1\n", "xenvg" },
		{ "volume-groups: vg0\n", "vg0" },
		{ "volume-groups: [vg0, my-vg_1.x+]\n", "vg0,my-vg_1.x+" },
		{ "volume-groups: []\n", "" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autoptr(TunePolicy)
			policy = tune_policy_parse(rows[i].text, strlen(rows[i].text), "P", NULL);
		g_autofree char *groups = g_strjoinv(",", (char **)policy->volume_groups->pdata);
		CHECK_TEXT(groups, rows[i].groups);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "what is refused", test_bad },
		{ "a fault in the last line refuses the whole policy", test_bad_behind_good },
		{ "what is understood", test_good },
		{ "volume groups", test_volume_groups },
		{ NULL, NULL },
	};

	return check_main("policy-parse", checks);
}
