/* SPDX-License-Identifier: BSD-2-Clause */
/* What else sets a value: all kinds of files together, and malformed ones. */
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

static void test_nobody(void)
{
	CHECK_FIND("etc/ /\n", SWAPPINESS, "");
	CHECK_FIND("etc/ /\n", SCHEDULER, "");
	CHECK_FIND("etc/ /\n", KSM_RUN, "");
}

/* A disk has more than one path. */
static void test_links(void)
{
	CHECK_FIND("sys/devices/pci0/block/sda/queue/scheduler = [none]\n"
		   "sys/block/sda -> ../devices/pci0/block/sda\n"
		   "etc/sysfs.conf = devices/pci0/block/sda/queue/scheduler = bfq\n"
		   "etc/tmpfiles.d/a.conf = w /sys/class/block/sd*/queue/scheduler - - - - none\n",
		   SCHEDULER,
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: none\n"
		   "sysfs.conf etc/sysfs.conf:1: bfq *\n");
}

static void test_kinds(void)
{
	CHECK_FIND("usr/lib/sysctl.d/a.conf = vm.swappiness = 1\n"
		   "etc/tmpfiles.d/a.conf = w /proc/sys/vm/swappiness - - - - 2\n"
		   "etc/systemd/system/multi-user.target.wants/tuned.service -> /lib/x\n"
		   "etc/tuned/active_profile = a\n"
		   "etc/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=3\n",
		   SWAPPINESS,
		   "sysctl.d usr/lib/sysctl.d/a.conf:1: 1\n"
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: 2\n"
		   "TuneD etc/tuned/a/tuned.conf:2: 3 *\n");
}

#define OWN "etc/systemd/system/multi-user.target.wants/ganeti-tune.service -> /lib/x\n"

/* Our own unit comes after all others but ksmtuned, which goes on writing. */
static void test_own(void)
{
	CHECK_FIND(OWN "etc/sysctl.d/a.conf = vm.swappiness = 1\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n"
		   "ganeti-tune.service test:1: x *\n");
	CHECK_FIND(OWN "etc/rc2.d/S02ksmtuned -> ../init.d/ksmtuned\netc/ksmtuned.conf = \n",
		   KSM_RUN,
		   "ganeti-tune.service test:1: x\n"
		   "ksmtuned etc/ksmtuned.conf: at run time *\n");
}

static void test_unreadable(void)
{
	static const char *const paths[] = { "etc/sysctl.d/a.conf",     "etc/sysctl.conf",
					     "etc/tmpfiles.d/a.conf",   "etc/udev/rules.d/a.rules",
					     "etc/sysfs.conf",          "etc/sysfs.d/a.conf",
					     "etc/tuned/active_profile" };

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		check_row(paths[i]);
		g_autofree char *loop = g_strdup_printf("%s -> /%s\n", paths[i], paths[i]);
		g_autoptr(TuneRoot) root = check_host(loop);
		g_autofree char *found = origins_find_on(root, SWAPPINESS);
		CHECK_HOLDS(found, paths[i]);
		CHECK_HOLDS(found, "symbolic links");
	}
}

/* One text in each file that is read. */
static TuneRoot *make_hostile_host(const char *text, gsize length)
{
	static const char *const paths[] = {
		"etc/sysctl.d/a.conf",      "etc/sysctl.conf", "etc/tmpfiles.d/a.conf",
		"etc/udev/rules.d/a.rules", "etc/sysfs.conf",  "etc/tuned/active_profile",
		"etc/tuned/a/tuned.conf",
	};
	g_autofree char *directory = check_unroll_text(
		"etc/sysctl.d/ /\n"
		"etc/tmpfiles.d/ /\n"
		"etc/udev/rules.d/ /\n"
		"etc/systemd/system/multi-user.target.wants/tuned.service -> /lib/x\n"
		"etc/tuned/a/ /\n");

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autofree char *path = g_build_filename(directory, paths[i], NULL);
		CU_ASSERT(g_file_set_contents(path, text, (gssize)length, NULL));
	}
	return tune_root_open(directory, NULL);
}

static void bear(const char *text, gsize length)
{
	g_autoptr(TuneRoot) root = make_hostile_host(text, length);
	g_autofree char *sysctl = origins_find_on(root, SWAPPINESS);
	g_autofree char *disk = origins_find_on(root, SCHEDULER);
	g_autofree char *ksm = origins_find_on(root, KSM_RUN);

	CHECK_TEXT(sysctl, "");
	CHECK_TEXT(disk, "");
	CHECK_TEXT(ksm, "");
}

static void test_hostile(void)
{
	static const char *const texts[] = {
		"=",
		"-",
		"w",
		"w \"",
		"[",
		"[]",
		"[main]",
		"[sysctl",
		"a\n[x]=",
		"ATTR{",
		"ATTR{}",
		"ATTR{queue/scheduler}",
		"\\",
		"ATTR{x}=\"",
		"=\"\"\\",
		"KERNEL==\"\\",
		"\n\n\n",
		"a\n[disk]\nelevator",
		"a\n[vm]\ndirty_bytes=%",
		"-=",
		"[[[[=",
		"w w w w w w",
		"\r",
		",",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		bear(texts[i], strlen(texts[i]));
	}
	/* With the end of the string, too: NUL bytes. */
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		bear(texts[i], strlen(texts[i]) + 1);
	}
	static const char fillers[] = { '\0', '=', '*', '[', '"', '\\', '{', 'a', '\n', ',' };
	for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++) {
		check_row_format("a mebibyte of '%c'", fillers[i]);
		g_autofree char *filler = g_malloc(1 << 20);
		memset(filler, fillers[i], 1 << 20);
		bear(filler, 1 << 20);
	}
}

/* Lines after a NUL or a long line are still read, and so is a last line without a newline. */
static void test_after_hostile(void)
{
	g_autoptr(GString) text = g_string_new("a\nx\0y = 1\n");

	g_string_append_len(text, "\0\n", 2);
	for (int i = 0; i < 1 << 18; i++)
		g_string_append(text, "*?[");
	g_string_append(text, "=1\nvm.swappiness = 7");
	g_autoptr(TuneRoot) root = make_hostile_host(text->str, text->len);
	g_autofree char *found = origins_find_on(root, SWAPPINESS);
	CHECK_TEXT(found, "sysctl.d etc/sysctl.d/a.conf:4: 7\n"
			  "sysctl.d etc/sysctl.conf:4: 7 *\n");
}

int main(void)
{
	static const Check checks[] = {
		{ "nothing sets it", test_nobody },
		{ "paths that lead to the same", test_links },
		{ "all kinds have one winner", test_kinds },
		{ "our own unit", test_own },
		{ "what cannot be read is named", test_unreadable },
		{ "hostile bytes", test_hostile },
		{ "after hostile bytes", test_after_hostile },
		{ NULL, NULL },
	};

	return check_main("origins", checks);
}
