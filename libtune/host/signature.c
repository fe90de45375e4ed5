/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file system, table or other data a device holds, by libblkid.  Whether it may be overwritten, the caller decides. */
#include <blkid/blkid.h>
#include <errno.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/tune-host.h>

/* libblkid's values of USAGE; it gives none for partition tables. */
static const struct {
	const char *usage;
	const char *kind;
} kinds[] = {
	{ "filesystem", "a file system" },
	{ "raid", "a part of a RAID or volume group" },
	{ "crypto", "an encrypted volume" },
	{ "other", "data" },
};

static const char *get_value(blkid_probe prober, const char *name)
{
	const char *value;

	return blkid_probe_lookup_value(prober, name, &value, NULL) == 0 ? value : NULL;
}

static char *dup_clean(const char *text)
{
	return text ? tune_error_clean(text) : NULL;
}

static const char *get_kind(const char *usage)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(usage, kinds[i].usage) == 0)
			return kinds[i].kind;
	return "data";
}

static void enable_all(blkid_probe prober)
{
	blkid_probe_enable_superblocks(prober, TRUE);
	blkid_probe_set_superblocks_flags(prober, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
							  BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
							  BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(prober, TRUE);
	/* A GPT of which only the backup is left counts, too. */
	blkid_probe_set_partitions_flags(prober, BLKID_PARTS_FORCE_GPT);
}

static TuneSignature *read_found(blkid_probe prober)
{
	const char *type = get_value(prober, "TYPE"), *table = get_value(prober, "PTTYPE");
	TuneSignature *signature = g_new0(TuneSignature, 1);

	signature->kind = type ? get_kind(get_value(prober, "USAGE")) : "a partition table";
	signature->type = tune_error_clean(type ? type : table ? table : "unknown");
	signature->label = dup_clean(get_value(prober, "LABEL"));
	signature->uuid = dup_clean(get_value(prober, type ? "UUID" : "PTUUID"));
	return signature;
}

/* Not blkid_do_safeprobe(), which finds nothing when there are two signatures: either is a reason to ask. */
static gboolean probe(blkid_probe prober, int fd, const char *path, TuneSignature **ret_signature,
		      GError **error)
{
	if (blkid_probe_set_device(prober, fd, 0, 0) != 0)
		return tune_fail_errno(error, path);
	enable_all(prober);
	errno = 0;
	int result = blkid_do_probe(prober);
	if (result < 0)
		return errno ? tune_fail_errno(error, path)
			     : tune_fail(error, TUNE_ERROR_IO, "%s: cannot be probed", path);
	*ret_signature = result == 0 ? read_found(prober) : NULL;
	return TRUE;
}

gboolean tune_signature_read(int fd, const char *name, TuneSignature **ret_signature,
			     GError **error)
{
	blkid_probe prober = blkid_new_probe();

	if (!prober)
		return tune_fail(error, TUNE_ERROR_IO, "%s: cannot be probed", name);
	gboolean good = probe(prober, fd, name, ret_signature, error);
	blkid_free_probe(prober);
	return good;
}

void tune_signature_free(TuneSignature *signature)
{
	if (!signature)
		return;
	g_free(signature->type);
	g_free(signature->label);
	g_free(signature->uuid);
	g_free(signature);
}

char *tune_signature_describe(const TuneSignature *signature)
{
	GString *text = g_string_new(signature->kind);

	g_string_append_printf(text, " of type %s", signature->type);
	if (signature->label)
		g_string_append_printf(text, ", label %s", signature->label);
	g_string_append_printf(text, ", UUID %s", signature->uuid ? signature->uuid : "none");
	return g_string_free(text, FALSE);
}
