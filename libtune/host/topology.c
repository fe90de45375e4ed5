/* SPDX-License-Identifier: BSD-2-Clause */
/* Sector, I/O sizes and alignment of a device, and where partitions and stripes should begin because of them. */
#include <blkid/blkid.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/tune-host.h>

#define MIB (1024 * 1024)
#define PAGE 4096
#define DEFAULT_SECTOR 512

static void read_prober(blkid_probe prober, TuneTopology *topology)
{
	/* NULL when the device is a file, or has no topology. */
	blkid_topology found = blkid_probe_get_topology(prober);

	topology->sector = blkid_probe_get_sectorsize(prober);
	if (!found)
		return;
	topology->sector = (guint)blkid_topology_get_logical_sector_size(found);
	topology->minimum_io = blkid_topology_get_minimum_io_size(found);
	topology->optimal_io = blkid_topology_get_optimal_io_size(found);
	topology->offset = blkid_topology_get_alignment_offset(found);
}

gboolean tune_topology_read(const char *path, TuneTopology *ret_topology, GError **error)
{
	g_auto(filedesc) fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	TuneTopology topology = { 0 };

	if (fd < 0)
		return tune_fail_errno(error, path);
	blkid_probe prober = blkid_new_probe();
	if (!prober || blkid_probe_set_device(prober, fd, 0, 0) != 0) {
		blkid_free_probe(prober);
		return tune_fail(error, TUNE_ERROR_IO, "%s: cannot be probed", path);
	}
	read_prober(prober, &topology);
	topology.size = (guint64)blkid_probe_get_size(prober);
	blkid_free_probe(prober);
	if (!topology.sector)
		topology.sector = DEFAULT_SECTOR;
	*ret_topology = topology;
	return TRUE;
}

/* Some bridges and disks report 65535 sectors, so an optimal size counts only as whole pages and whole minimum sizes. */
guint64 tune_topology_get_grain(const TuneTopology *topology)
{
	guint64 piece = MAX(topology->minimum_io, topology->sector);

	if (topology->optimal_io && topology->optimal_io % piece == 0 &&
	    topology->optimal_io % PAGE == 0)
		return topology->optimal_io;
	return piece;
}

guint64 tune_topology_align(const TuneTopology *topology, guint64 offset)
{
	guint64 grain = tune_topology_get_grain(topology), misfit = topology->offset % grain;

	if (offset <= misfit)
		return misfit;
	return (offset - misfit + grain - 1) / grain * grain + misfit;
}

guint64 tune_topology_get_start(const TuneTopology *topology)
{
	return tune_topology_align(topology, MIB);
}

/* 0 when the sizes are not whole blocks of the file system. */
void tune_topology_get_stripe(const TuneTopology *topology, guint64 block, guint64 *ret_piece,
			      guint64 *ret_stripe)
{
	guint64 grain = tune_topology_get_grain(topology);
	gboolean is_striped = grain > block && grain % block == 0;
	gboolean has_pieces = topology->minimum_io >= block && topology->minimum_io % block == 0 &&
			      grain % MAX(topology->minimum_io, 1) == 0;

	*ret_stripe = is_striped ? grain : 0;
	*ret_piece = !is_striped ? 0 : has_pieces ? topology->minimum_io : grain;
}
