/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>

#include <libtune/host/disks.h>
#include <libtune/host/lvm.h>
#include <libtune/base/root.h>
#include <libtune/host/stack.h>

/* Real stacks are less deep; the limit ends the walk when links form a circle. */
#define DEEPEST 8

/** What a device carries: classes that are known from the climb, and volume groups (borrowed names). */
typedef struct {
	guint classes;
	GHashTable *groups;
} Load;

/**
 * @has_bcache: the kernel knows bcache, so a disk may be a cache
 * @partitions: disk to the names of its partitions
 * @used_groups: names of the volume groups that Ganeti uses
 * @group_names: group part of a device-mapper UUID, to the group's name
 * @uuids: device-mapper device to its UUID, of those that were read
 * @volumes: logical volume ("dm-3") to the name of its group, of those that were found
 * @loads: device to what it carries
 * @multipaths: multipath devices that were found
 * @physical_volumes: the answer of pvs(8); NULL when it was not asked yet, or has failed
 */
struct TuneStack {
	TuneRoot *root;
	gboolean is_drbd_wanted;
	gboolean has_bcache;
	GHashTable *partitions;
	GHashTable *used_groups;
	GHashTable *group_names;
	GHashTable *uuids;
	GHashTable *volumes;
	GHashTable *loads;
	GHashTable *multipaths;
	GHashTable *physical_volumes;
	gboolean has_asked_pvs;
};

static void load_free(gpointer data)
{
	Load *load = data;

	g_hash_table_unref(load->groups);
	g_free(load);
}

static void merge_load(Load *load, const Load *other)
{
	GHashTableIter iter;
	gpointer group;

	load->classes |= other->classes;
	g_hash_table_iter_init(&iter, other->groups);
	while (g_hash_table_iter_next(&iter, &group, NULL))
		g_hash_table_add(load->groups, group);
}

static GPtrArray *list_links(TuneStack *stack, const char *name, const char *kind)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s/%s", name, kind);
	GPtrArray *links = tune_root_list(stack->root, path, NULL);

	return links ? links : g_ptr_array_new_with_free_func(g_free);
}

/* ---- partitions ---- */

/*
 * "sda1" is a partition of "sda", "nvme0n1p1" of "nvme0n1": a "p" separates the number when the disk's name ends in
 * a digit (disk_name() of the kernel).  So the name tells the disk, and no disk's directory has to be listed.
 */
static char *get_disk_of_partition(const char *name)
{
	size_t length = strlen(name);

	while (length && g_ascii_isdigit(name[length - 1]))
		length--;
	if (length > 1 && name[length - 1] == 'p' && g_ascii_isdigit(name[length - 2]))
		length--;
	return g_strndup(name, length);
}

static void add_partition(GHashTable *partitions, const char *disk, const char *name)
{
	GPtrArray *names = g_hash_table_lookup(partitions, disk);

	if (!names) {
		names = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(partitions, g_strdup(disk), names);
	}
	g_ptr_array_add(names, g_strdup(name));
}

static void find_partitions(TuneStack *stack)
{
	g_autoptr(GPtrArray) names = tune_root_list(stack->root, "sys/class/block", NULL);
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; names && i < names->len; i++)
		g_hash_table_add(known, names->pdata[i]);
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *disk = get_disk_of_partition(names->pdata[i]);
		if (strcmp(disk, names->pdata[i]) != 0 && g_hash_table_contains(known, disk))
			add_partition(stack->partitions, disk, names->pdata[i]);
	}
}

/* ---- device-mapper ---- */

static char *read_dm(TuneStack *stack, const char *name, const char *attribute)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s/dm/%s", name, attribute);
	char *text = tune_root_read_attribute(stack->root, path, NULL);

	return text ? text : g_strdup("");
}

/* Its prefix tells the kind of device.  Empty when it is no device-mapper device. */
static const char *get_uuid(TuneStack *stack, const char *name)
{
	const char *known = g_hash_table_lookup(stack->uuids, name);

	if (known || !g_str_has_prefix(name, "dm-"))
		return known ? known : "";
	char *uuid = read_dm(stack, name, "uuid");
	g_hash_table_insert(stack->uuids, g_strdup(name), uuid);
	return uuid;
}

/* All volumes of a group have the group's part of the UUID in common, so one name is read for each group. */
static const char *get_group(TuneStack *stack, const char *volume, const char *uuid)
{
	g_autofree char *id = g_strndup(uuid, TUNE_LVM_PREFIX);
	const char *group = g_hash_table_lookup(stack->group_names, id);

	if (!group) {
		g_autofree char *dm_name = read_dm(stack, volume, "name");
		char *fresh = tune_lvm_group_from_dm_name(dm_name);
		g_hash_table_insert(stack->group_names, g_steal_pointer(&id), fresh);
		group = fresh;
	}
	return group;
}

/* ---- upwards ---- */

/* A physical volume without volumes shows its group nowhere in sysfs; pvs(8) is slow, so it is asked last, and once. */
static void climb_unused_volume(TuneStack *stack, const char *name, Load *load)
{
	if (!stack->is_drbd_wanted || !tune_lvm_is_physical_volume(stack->root, name))
		return;
	if (!stack->has_asked_pvs) {
		stack->physical_volumes = tune_lvm_ask_pvs(stack->root, NULL);
		stack->has_asked_pvs = TRUE;
	}
	const char *group = stack->physical_volumes
				    ? g_hash_table_lookup(stack->physical_volumes, name)
				    : NULL;
	if (group)
		g_hash_table_add(load->groups, (gpointer)group);
	else
		load->classes |= TUNE_DISK_DRBD_UNKNOWN;
}

static const Load *climb(TuneStack *stack, const char *name, guint depth);

static void climb_holder(TuneStack *stack, const GPtrArray *holders, const char *holder, Load *load,
			 guint depth)
{
	const char *uuid = get_uuid(stack, holder);

	if (g_str_has_prefix(holder, "drbd")) {
		load->classes |= TUNE_DISK_DRBD;
	} else if (g_str_has_prefix(uuid, "LVM-")) {
		const char *group = get_group(stack, holder, uuid);
		g_hash_table_add(load->groups, (gpointer)group);
		/* All volumes on one physical volume belong to one group. */
		for (guint i = 0; i < holders->len; i++)
			g_hash_table_insert(stack->volumes, g_strdup(holders->pdata[i]),
					    (gpointer)group);
	} else if (g_str_has_prefix(uuid, "mpath-")) {
		g_hash_table_add(stack->multipaths, g_strdup(holder));
		load->classes |= TUNE_DISK_PATH;
	} else {
		merge_load(load, climb(stack, holder, depth + 1));
	}
}

static gboolean climb_holders(TuneStack *stack, const char *name, Load *load, guint depth)
{
	g_autoptr(GPtrArray) holders = list_links(stack, name, "holders");

	/* When one of them is a logical volume, the others belong to the same group. */
	for (guint i = 0; i < holders->len && !g_hash_table_size(load->groups); i++)
		climb_holder(stack, holders, holders->pdata[i], load, depth);
	return holders->len > 0;
}

static gboolean climb_partitions(TuneStack *stack, const char *name, Load *load, guint depth)
{
	const GPtrArray *partitions = g_hash_table_lookup(stack->partitions, name);

	for (guint i = 0; partitions && i < partitions->len; i++)
		merge_load(load, climb(stack, partitions->pdata[i], depth + 1));
	return partitions != NULL;
}

/*
 * A cache of bcache shows no holder.  It belongs to a set, and so do the disks that it caches: sys/fs/bcache/SET/bdev0
 * is a link to the directory "bcache" of the first.
 */
static void climb_cached_disks(TuneStack *stack, const char *name, Load *load, guint depth)
{
	g_autofree char *path = g_strdup_printf("sys/class/block/%s/bcache/set", name);
	g_autofree char *target = tune_root_read_link(stack->root, path, NULL);
	g_autofree char *id = target ? g_path_get_basename(target) : NULL;
	g_autofree char *set = id ? g_strdup_printf("sys/fs/bcache/%s", id) : NULL;
	g_autoptr(GPtrArray) links = set ? tune_root_list(stack->root, set, NULL) : NULL;

	for (guint i = 0; links && i < links->len; i++) {
		if (!g_str_has_prefix(links->pdata[i], "bdev"))
			continue;
		g_autofree char *link = g_build_filename(set, links->pdata[i], NULL);
		g_autofree char *of = tune_root_read_link(stack->root, link, NULL);
		g_autofree char *directory = of ? g_path_get_dirname(of) : NULL;
		g_autofree char *cached = directory ? g_path_get_basename(directory) : NULL;
		if (cached)
			merge_load(load, climb(stack, cached, depth + 1));
	}
}

static const Load *climb(TuneStack *stack, const char *name, guint depth)
{
	Load *load = g_hash_table_lookup(stack->loads, name);

	if (load)
		return load;
	load = g_new0(Load, 1);
	load->groups = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(stack->loads, g_strdup(name), load);
	if (depth > DEEPEST || climb_holders(stack, name, load, depth) ||
	    climb_partitions(stack, name, load, depth))
		return load;
	if (stack->has_bcache)
		climb_cached_disks(stack, name, load, depth);
	climb_unused_volume(stack, name, load);
	return load;
}

void tune_stack_climb(TuneStack *stack, const char *disk)
{
	climb(stack, disk, 0);
}

/* ---- downwards ---- */

static void use_groups_below(TuneStack *stack, const char *name, guint depth);

static void use_group_of(TuneStack *stack, const char *slave, guint depth)
{
	const char *known = g_hash_table_lookup(stack->volumes, slave);
	const char *uuid = known ? "" : get_uuid(stack, slave);

	if (g_str_has_prefix(uuid, "LVM-"))
		known = get_group(stack, slave, uuid);
	if (known)
		g_hash_table_add(stack->used_groups, g_strdup(known));
	else if (depth < DEEPEST)
		use_groups_below(stack, slave, depth + 1);
}

static void use_groups_below(TuneStack *stack, const char *name, guint depth)
{
	g_autoptr(GPtrArray) slaves = list_links(stack, name, "slaves");

	for (guint i = 0; i < slaves->len; i++)
		use_group_of(stack, slaves->pdata[i], depth);
}

static gboolean has_unused_group(const TuneStack *stack)
{
	GHashTableIter iter;
	gpointer group;

	g_hash_table_iter_init(&iter, stack->group_names);
	while (g_hash_table_iter_next(&iter, NULL, &group))
		if (!g_hash_table_contains(stack->used_groups, group))
			return TRUE;
	return FALSE;
}

/* When all groups on the disks are known to be Ganeti's, looking below a thousand minors finds nothing new. */
void tune_stack_descend(TuneStack *stack, const char *drbd)
{
	if (has_unused_group(stack))
		use_groups_below(stack, drbd, 0);
}

/* ---- the classes of a disk ---- */

guint tune_stack_classify(TuneStack *stack, const char *disk)
{
	const Load *load = climb(stack, disk, 0);
	guint classes = load->classes;
	GHashTableIter iter;
	gpointer group;

	g_hash_table_iter_init(&iter, load->groups);
	while (g_hash_table_iter_next(&iter, &group, NULL))
		if (g_hash_table_contains(stack->used_groups, group))
			classes |= TUNE_DISK_DRBD;
	return stack->is_drbd_wanted ? classes : classes & TUNE_DISK_PATH;
}

gboolean tune_stack_is_multipath(const TuneStack *stack, const char *name)
{
	return g_hash_table_contains(stack->multipaths, name);
}

TuneStack *tune_stack_new(TuneRoot *root, const char *const *volume_groups)
{
	TuneStack *stack = g_new0(TuneStack, 1);

	stack->root = root;
	stack->is_drbd_wanted = volume_groups != NULL;
	stack->partitions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						  (GDestroyNotify)g_ptr_array_unref);
	stack->used_groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	stack->group_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stack->uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stack->volumes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	stack->loads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, load_free);
	stack->multipaths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (; volume_groups && *volume_groups; volume_groups++)
		g_hash_table_add(stack->used_groups, g_strdup(*volume_groups));
	if (stack->is_drbd_wanted) {
		g_auto(filedesc)
			bcache = tune_root_open_file(root, "sys/fs/bcache", O_PATH, 0, NULL);
		stack->has_bcache = bcache >= 0;
		find_partitions(stack);
	}
	return stack;
}

void tune_stack_free(TuneStack *stack)
{
	if (!stack)
		return;
	g_hash_table_unref(stack->partitions);
	g_hash_table_unref(stack->loads);
	g_hash_table_unref(stack->volumes);
	g_hash_table_unref(stack->uuids);
	g_hash_table_unref(stack->used_groups);
	g_hash_table_unref(stack->group_names);
	g_hash_table_unref(stack->multipaths);
	g_clear_pointer(&stack->physical_volumes, g_hash_table_unref);
	g_free(stack);
}
