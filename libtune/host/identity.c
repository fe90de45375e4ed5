/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/base/root.h>
#include <libtune/host/drbd.h>
#include <libtune/host/identity.h>

/*
 * diskseq (Linux 5.15) counts every disk that ever came; before that, the device number has to do.
 * ifindex counts every interface.
 */
static const struct {
	TuneObjectKind kind;
	const char *directory;
	const char *attribute;
} identities[] = {
	{ TUNE_OBJECT_DISK, "sys/block", "diskseq" },
	{ TUNE_OBJECT_DISK, "sys/block", "dev" },
	{ TUNE_OBJECT_LINK, "sys/class/net", "ifindex" },
};

char *tune_object_identify(TuneRoot *root, TuneObjectKind kind, const char *object)
{
	if (kind == TUNE_OBJECT_MINOR && object) {
		char *identity = tune_drbd_identify(root, object);
		return identity ? identity : g_strdup("-");
	}
	for (guint i = 0; object && i < G_N_ELEMENTS(identities); i++) {
		if (identities[i].kind != kind)
			continue;
		g_autofree char *path = g_build_filename(identities[i].directory, object,
							 identities[i].attribute, NULL);
		g_autofree char *number = tune_root_read_attribute(root, path, NULL);
		if (number)
			return g_strdup_printf("%s=%s", identities[i].attribute, number);
	}
	return g_strdup("-");
}
