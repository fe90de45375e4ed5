/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Minors with the data that administrators ask for: the instance of each, its state, how fast it can be.
 * Sources: Ganeti, lib/backend.py (_SymlinkBlockDev) and lib/cmdlib/instance_utils.py (GetInstanceInfoText).
 */
#include <stdio.h>
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/tuning/drbd-check.h>
#include <libtune/host/lvm.h>
#include <libtune/base/root.h>

#define LINKS "var/run/ganeti/instance-disks"
#define TAG "originstname+"

/** @writes, @ms: since the device was made: Documentation/admin-guide/iostats.rst, fields 5 and 8 */
typedef struct {
	guint64 writes;
	guint64 ms;
} Writes;

static void minor_free(gpointer data)
{
	TuneDrbdMinor *minor = data;

	g_free(minor->name);
	g_free(minor->instance);
	g_free(minor->disk);
	g_free(minor->connection);
	g_free(minor->role);
	g_free(minor->disk_state);
	g_free(minor->volume);
	g_free(minor);
}

/* ---- the instance of a minor ---- */

/* On the node where an instance runs, "NAME:INDEX" links to its device. */
static void name_by_link(TuneRoot *root, GHashTable *by_name, const char *link)
{
	g_autofree char *path = g_strconcat(LINKS "/", link, NULL);
	g_autofree char *target = tune_root_read_link(root, path, NULL);
	const char *slash = target ? strrchr(target, '/') : NULL;
	TuneDrbdMinor *minor = slash ? g_hash_table_lookup(by_name, slash + 1) : NULL;
	const char *colon = strrchr(link, ':');

	if (!minor || !colon || minor->instance)
		return;
	minor->instance = g_strndup(link, (gsize)(colon - link));
	minor->disk = g_strdup(colon + 1);
}

static void name_by_links(TuneRoot *root, const GPtrArray *minors)
{
	g_autoptr(GPtrArray) links = tune_root_list(root, LINKS, NULL);
	g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < minors->len; i++)
		g_hash_table_insert(by_name, ((TuneDrbdMinor *)minors->pdata[i])->name,
				    minors->pdata[i]);
	for (guint i = 0; links && i < links->len; i++)
		name_by_link(root, by_name, links->pdata[i]);
}

/* On other nodes, the tag that Ganeti gave the volume when it made it; a renamed instance keeps its old name there. */
static void name_by_tag(GHashTable *tags, TuneDrbdMinor *minor)
{
	const char *words = g_hash_table_lookup(tags, minor->volume);
	const char *tag = words ? strstr(words, TAG) : NULL;
	const char *index = strstr(minor->volume, ".disk");

	if (!tag)
		return;
	tag += strlen(TAG);
	minor->instance = g_strndup(tag, strcspn(tag, ","));
	if (index)
		minor->disk = g_strndup(index + strlen(".disk"),
					strspn(index + strlen(".disk"), G_CSET_DIGITS));
}

/* lvs takes a good part of a second, so it is run once, and only when the instance of a minor is unknown. */
static void name_by_tags(TuneRoot *root, const GPtrArray *minors)
{
	g_autoptr(GHashTable) tags = NULL;

	for (guint i = 0; i < minors->len; i++) {
		TuneDrbdMinor *minor = minors->pdata[i];
		if (minor->instance || !minor->volume)
			continue;
		if (!tags && !(tags = tune_lvm_ask_tags(root, NULL)))
			return;
		name_by_tag(tags, minor);
	}
}

/* ---- how long a write takes ---- */

static GHashTable *read_writes(TuneRoot *root)
{
	GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *text = tune_root_read(root, "proc/diskstats", NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++) {
		char name[64];
		Writes writes;
		if (sscanf(*line,
			   "%*u %*u %63s %*u %*u %*u %*u %" G_GUINT64_FORMAT
			   " %*u %*u %" G_GUINT64_FORMAT,
			   name, &writes.writes, &writes.ms) == 3)
			g_hash_table_insert(all, g_strdup(name),
					    g_memdup2(&writes, sizeof(writes)));
	}
	return all;
}

static gint64 get_latency(GHashTable *all, const char *name)
{
	const Writes *writes = name ? g_hash_table_lookup(all, name) : NULL;

	return writes && writes->writes ? (gint64)(writes->ms * 1000 / writes->writes) : -1;
}

/* ---- all ---- */

static TuneDrbdMinor *make_minor(TuneRoot *root, const TuneDrbdDevice *device, gint64 link,
				 GHashTable *writes)
{
	TuneDrbdMinor *minor = g_new0(TuneDrbdMinor, 1);
	const char *disk = device->disk;
	g_autofree char *below = disk ? tune_lvm_get_kernel_name(root, disk) : NULL;

	minor->name = g_strdup(device->name);
	minor->connection = g_strdup(device->connection);
	minor->role = g_strdup(device->role);
	minor->disk_state = g_strdup(device->disk_state);
	if (disk)
		minor->volume = g_strdup(g_str_has_prefix(disk, "/dev/") ? disk + 5 : disk);
	minor->ceiling = tune_drbd_get_ceiling(device, link, &minor->limit);
	minor->latency = get_latency(writes, device->name);
	minor->volume_latency = get_latency(writes, below);
	return minor;
}

GPtrArray *tune_drbd_list(TuneFacts *facts, const TunePolicy *policy, GError **error)
{
	TuneRoot *root = tune_facts_get_root(facts);
	const TuneDrbd *drbd = tune_facts_get_drbd(facts, error);
	g_autofree char *why = NULL;

	if (!drbd)
		return NULL;
	gint64 link = policy->drbd.link ? policy->drbd.link : tune_drbd_find_link(facts, &why);
	g_autoptr(GHashTable) writes = read_writes(root);
	GPtrArray *minors = g_ptr_array_new_with_free_func(minor_free);
	for (guint i = 0; i < drbd->devices->len; i++)
		g_ptr_array_add(minors, make_minor(root, drbd->devices->pdata[i], link, writes));
	name_by_links(root, minors);
	name_by_tags(root, minors);
	return minors;
}
