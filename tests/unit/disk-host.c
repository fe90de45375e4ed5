/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/disk-host.h"

static const struct {
	guint class;
	const char *word;
} class_words[] = {
	{ TUNE_DISK_ROTATIONAL, "rotational" },
	{ TUNE_DISK_SSD, "ssd" },
	{ TUNE_DISK_NVME, "nvme" },
	{ TUNE_DISK_VIRTIO, "virtio" },
	{ TUNE_DISK_XEN, "xen" },
	{ TUNE_DISK_DRBD, "drbd" },
	{ TUNE_DISK_DRBD_UNKNOWN, "unknown" },
	{ TUNE_DISK_STACKED, "stacked" },
	{ TUNE_DISK_PATH, "path" },
	{ TUNE_DISK_MULTIQUEUE, "multiqueue" },
};

static char *print(const GPtrArray *disks)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		char separator = '=';
		if (disk->classes == TUNE_DISK_STACKED)
			continue;
		g_string_append(text, disk->name);
		for (size_t j = 0; j < G_N_ELEMENTS(class_words); j++)
			if (disk->classes & class_words[j].class) {
				g_string_append_c(text, separator);
				g_string_append(text, class_words[j].word);
				separator = '+';
			}
		g_string_append_c(text, ' ');
	}
	return g_strchomp(g_string_free(text, FALSE));
}

const char *const disk_xenvg[] = { "xenvg", NULL };
const char *const disk_no_group[] = { NULL };

void disk_check(const char *host, const char *const *groups, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open(host, &error);

	CHECK_NO_ERROR(error);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, DISK_EVERYTHING, groups, &error);
	CHECK_NO_ERROR(error);
	g_autofree char *found = print(disks);
	CHECK_TEXT(found, wanted);
}
