/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/base/root.h>
#include <libtune/host/identity.h>

/*
 * diskseq (Linux 5.15) counts every disk that ever came, and every minor that is made anew; before that, the device
 * number of a disk has to do, and of a minor the name of its volume, which Ganeti uses once.  ifindex counts every
 * interface.
 */
static const struct {
	TuneObjectKind kind;
	const char *directory;
	const char *attribute;
} identities[] = {
	{ TUNE_OBJECT_DISK, "sys/block", "diskseq" },
	{ TUNE_OBJECT_DISK, "sys/block", "dev" },
	{ TUNE_OBJECT_MINOR, "sys/block", "diskseq" },
	{ TUNE_OBJECT_LINK, "sys/class/net", "ifindex" },
};

char *tune_object_identify(TuneFacts *facts, TuneObjectKind kind, const char *object)
{
	TuneRoot *root = tune_facts_get_root(facts);

	for (guint i = 0; object && i < G_N_ELEMENTS(identities); i++) {
		if (identities[i].kind != kind)
			continue;
		g_autofree char *path = g_build_filename(identities[i].directory, object,
							 identities[i].attribute, NULL);
		g_autofree char *number = tune_root_read_attribute(root, path, NULL);
		if (number)
			return g_strdup_printf("%s=%s", identities[i].attribute, number);
	}
	const TuneDrbdDevice *minor = kind == TUNE_OBJECT_MINOR && object
					      ? tune_facts_get_minor(facts, object, NULL)
					      : NULL;
	return minor && minor->disk ? g_strdup_printf("disk=%s", minor->disk) : g_strdup("-");
}
