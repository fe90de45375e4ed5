/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/disks.h>
#include <libtune/lvm.h>
#include <libtune/root.h>
#include <libtune/stack.h>

/* Stacks are a handful deep; links that go in a circle must not keep us. */
#define DEEPEST 8

/**
 * @volume_groups: names of the groups that Ganeti uses: those the policy names, those found under DRBD
 * @group_names: group part of a device-mapper UUID, to the group's name
 * @uuids: device-mapper device to its UUID ("" where it has none)
 * @climbed: device to what was found above it
 * @multipaths: multipath devices come upon
 * @physical_volumes: what pvs(8) said, once it had to be asked; NULL before, or when it failed
 */
struct TuneStack {
	TuneRoot *root;
	gboolean is_drbd_wanted;
	GHashTable *volume_groups;
	GHashTable *group_names;
	GHashTable *uuids;
	GHashTable *climbed;
	GHashTable *multipaths;
	GHashTable *physical_volumes;
	gboolean has_asked_pvs;
};

static GPtrArray *list_links(TuneStack *stack, const char *name, const char *kind)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s/%s", name, kind);
	GPtrArray *links = tune_root_list(stack->root, path, NULL);

	return links ? links : g_ptr_array_new_with_free_func(g_free);
}

static char *read_dm(TuneStack *stack, const char *name, const char *attribute)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s/dm/%s", name, attribute);
	char *text = tune_root_read(stack->root, path, NULL);

	return text ? text : g_strdup("");
}

static const char *get_uuid(TuneStack *stack, const char *name)
{
	const char *uuid = g_hash_table_lookup(stack->uuids, name);

	if (!uuid) {
		char *fresh = read_dm(stack, name, "uuid");
		g_hash_table_insert(stack->uuids, g_strdup(name), fresh);
		uuid = fresh;
	}
	return uuid;
}

static gboolean is_logical_volume(TuneStack *stack, const char *name)
{
	return g_str_has_prefix(name, "dm-") && g_str_has_prefix(get_uuid(stack, name), "LVM-");
}

/* All volumes of a group share the group's part of the UUID, so one name is read per group. */
static const char *get_group(TuneStack *stack, const char *logical_volume)
{
	g_autofree char *id = g_strndup(get_uuid(stack, logical_volume), TUNE_LVM_PREFIX);
	const char *group = g_hash_table_lookup(stack->group_names, id);

	if (!group) {
		g_autofree char *dm_name = read_dm(stack, logical_volume, "name");
		char *fresh = tune_lvm_group_from_dm_name(dm_name);
		g_hash_table_insert(stack->group_names, g_steal_pointer(&id), fresh);
		group = fresh;
	}
	return group;
}

/* Downwards from a DRBD device: the groups of the volumes it stands on. */
static void add_groups_below(TuneStack *stack, const char *name, guint depth)
{
	g_autoptr(GPtrArray) slaves = list_links(stack, name, "slaves");

	for (guint i = 0; i < slaves->len; i++) {
		const char *slave = slaves->pdata[i];
		if (is_logical_volume(stack, slave))
			g_hash_table_add(stack->volume_groups, g_strdup(get_group(stack, slave)));
		else if (depth < DEEPEST)
			add_groups_below(stack, slave, depth + 1);
	}
}

/* ---- physical volumes on which nothing lies yet ---- */

static guint climb_free_volume(TuneStack *stack, const char *name)
{
	if (!tune_lvm_is_physical_volume(stack->root, name))
		return 0;
	if (!stack->has_asked_pvs) {
		stack->physical_volumes = tune_lvm_ask_pvs(stack->root, NULL);
		stack->has_asked_pvs = TRUE;
	}
	const char *group = stack->physical_volumes
				    ? g_hash_table_lookup(stack->physical_volumes, name)
				    : NULL;
	if (!group)
		return TUNE_DISK_DRBD_UNKNOWN;
	return g_hash_table_contains(stack->volume_groups, group) ? TUNE_DISK_DRBD : 0;
}

/* ---- upwards ---- */

static guint climb(TuneStack *stack, const char *name, guint depth);

static guint climb_holder(TuneStack *stack, const char *holder, guint depth)
{
	if (g_str_has_prefix(holder, "drbd"))
		return TUNE_DISK_DRBD;
	if (is_logical_volume(stack, holder))
		return stack->is_drbd_wanted && g_hash_table_contains(stack->volume_groups,
								      get_group(stack, holder))
			       ? TUNE_DISK_DRBD
			       : 0;
	if (g_str_has_prefix(holder, "dm-") &&
	    g_str_has_prefix(get_uuid(stack, holder), "mpath-")) {
		g_hash_table_add(stack->multipaths, g_strdup(holder));
		return TUNE_DISK_PATH;
	}
	return climb(stack, holder, depth + 1);
}

static guint climb_partitions(TuneStack *stack, const char *name, guint depth)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s", name);
	g_autoptr(GPtrArray) entries = tune_root_list(stack->root, path, NULL);
	guint classes = 0, n_partitions = 0;

	for (guint i = 0; entries && i < entries->len; i++)
		if (g_str_has_prefix(entries->pdata[i], name)) {
			classes |= climb(stack, entries->pdata[i], depth + 1);
			n_partitions++;
		}
	return n_partitions ? classes : stack->is_drbd_wanted ? climb_free_volume(stack, name) : 0;
}

static guint climb_afresh(TuneStack *stack, const char *name, guint depth)
{
	g_autoptr(GPtrArray) holders = list_links(stack, name, "holders");
	guint classes = 0;

	if (depth > DEEPEST)
		return 0;
	if (!holders->len)
		return climb_partitions(stack, name, depth);
	for (guint i = 0; i < holders->len; i++) {
		classes |= climb_holder(stack, holders->pdata[i], depth);
		/* A physical volume is of one group: its other volumes say the same. */
		if (is_logical_volume(stack, holders->pdata[i]))
			break;
	}
	return classes;
}

static guint climb(TuneStack *stack, const char *name, guint depth)
{
	gpointer known;

	if (g_hash_table_lookup_extended(stack->climbed, name, NULL, &known))
		return GPOINTER_TO_UINT(known);
	guint classes = climb_afresh(stack, name, depth);
	g_hash_table_insert(stack->climbed, g_strdup(name), GUINT_TO_POINTER(classes));
	return classes;
}

guint tune_stack_climb(TuneStack *stack, const char *disk)
{
	return climb(stack, disk, 0);
}

gboolean tune_stack_is_multipath(const TuneStack *stack, const char *name)
{
	return g_hash_table_contains(stack->multipaths, name);
}

TuneStack *tune_stack_new(TuneRoot *root, const GPtrArray *names, const char *const *volume_groups)
{
	TuneStack *stack = g_new0(TuneStack, 1);

	stack->root = root;
	stack->is_drbd_wanted = volume_groups != NULL;
	stack->volume_groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	stack->group_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stack->uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stack->climbed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	stack->multipaths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (; volume_groups && *volume_groups; volume_groups++)
		g_hash_table_add(stack->volume_groups, g_strdup(*volume_groups));
	for (guint i = 0; stack->is_drbd_wanted && i < names->len; i++)
		if (g_str_has_prefix(names->pdata[i], "drbd"))
			add_groups_below(stack, names->pdata[i], 0);
	return stack;
}

void tune_stack_free(TuneStack *stack)
{
	if (!stack)
		return;
	g_hash_table_unref(stack->volume_groups);
	g_hash_table_unref(stack->group_names);
	g_hash_table_unref(stack->uuids);
	g_hash_table_unref(stack->climbed);
	g_hash_table_unref(stack->multipaths);
	g_clear_pointer(&stack->physical_volumes, g_hash_table_unref);
	g_free(stack);
}
