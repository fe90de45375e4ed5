/* SPDX-License-Identifier: BSD-2-Clause */
/* The partitions of a device, by libblkid.  Reads only. */
#include <blkid/blkid.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/tune-host.h>

/* libblkid counts in these, whatever sectors the device has. */
#define SECTOR 512

static gboolean read_list(blkid_probe prober, int fd, const char *path, GPtrArray *partitions,
			  GError **error)
{
	if (blkid_probe_set_device(prober, fd, 0, 0) != 0)
		return tune_fail_errno(error, path);
	blkid_partlist list = blkid_probe_get_partitions(prober);
	for (int i = 0; list && i < blkid_partlist_numof_partitions(list); i++) {
		blkid_partition found = blkid_partlist_get_partition(list, i);
		if (blkid_partition_is_extended(found))
			continue;
		TunePartition *partition = g_new0(TunePartition, 1);
		partition->number = (guint)blkid_partition_get_partno(found);
		partition->start = (guint64)blkid_partition_get_start(found) * SECTOR;
		partition->size = (guint64)blkid_partition_get_size(found) * SECTOR;
		g_ptr_array_add(partitions, partition);
	}
	return TRUE;
}

static gint compare_starts(gconstpointer a, gconstpointer b)
{
	const TunePartition *first = *(const TunePartition *const *)a;
	const TunePartition *second = *(const TunePartition *const *)b;

	return (first->start > second->start) - (first->start < second->start);
}

GPtrArray *tune_partitions_read(int fd, const char *name, GError **error)
{
	g_autoptr(GPtrArray) partitions = g_ptr_array_new_with_free_func(g_free);
	blkid_probe prober = blkid_new_probe();

	if (!prober)
		return tune_fail_null(error, TUNE_ERROR_IO, "%s: cannot be probed", name);
	gboolean good = read_list(prober, fd, name, partitions, error);
	blkid_free_probe(prober);
	g_ptr_array_sort(partitions, compare_starts);
	return good ? g_steal_pointer(&partitions) : NULL;
}
