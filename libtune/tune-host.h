/* SPDX-License-Identifier: BSD-2-Clause */
/** What a node has, beyond what a plan is about.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_HOST_H
#define TUNE_PUBLIC_HOST_H

#include <glib.h>

#include <libtune/tune-base.h>

G_BEGIN_DECLS

/* ---- facts ---- */

/**
 * One look at one host: what DRBD, the interfaces and Ganeti's files say is found out when it is first asked for, and
 * kept.  Whoever has to see the host as it is now makes new facts.
 */
typedef struct TuneFacts TuneFacts;

/** tune_facts_new: borrows @root, which must outlive the facts.  Asks nothing yet. */
TuneFacts *tune_facts_new(TuneRoot *root);
void tune_facts_free(TuneFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneFacts, tune_facts_free)

/* ---- KSM ---- */

/**
 * Kernel samepage merging, in pages unless said otherwise.
 * Source: Documentation/admin-guide/mm/ksm.rst, "KSM daemon sysfs interface" and "Monitoring KSM profit".
 *
 * @run: 0 stopped, 1 running, 2 unmerged
 * @shared: pages in use for merged content; @sharing: sites that share them
 * @unshared: unique but checked again and again; @volatiles: changing too fast
 * @zero: merged with the kernel's zero page (0 on kernels that do not say)
 * @full_scans: times all mergeable memory was scanned
 * @saved: bytes that merging saves; F9 of the kernel: splitting huge pages can free more than this
 * @profit: @saved less the 64 bytes each tracked page costs; may be negative
 */
typedef struct {
	gint64 run;
	gint64 shared;
	gint64 sharing;
	gint64 unshared;
	gint64 volatiles;
	gint64 zero;
	gint64 full_scans;
	gint64 saved;
	gint64 profit;
} TuneKsm;

/** tune_ksm_read: TUNE_ERROR_ABSENT where the kernel has no KSM. */
gboolean tune_ksm_read(TuneRoot *root, TuneKsm *ret_ksm, GError **error);

/** tune_ksm_rate: one sentence on what unshared/sharing means for this node.  Static text. */
const char *tune_ksm_rate(const TuneKsm *ksm);

/* ---- what is on a disk ---- */

/**
 * What lies on a disk or a part of it, as libblkid knows it; printable.
 *
 * @kind: "a file system", "a partition table", "a part of a RAID or volume group", ...
 * @type: "ext4", "gpt", "LVM2_member", ...
 * @label, @uuid: NULL where it has none
 */
typedef struct {
	const char *kind;
	char *type;
	char *label;
	char *uuid;
} TuneSignature;

/**
 * tune_signature_read: the first that is found; *@ret_signature is NULL where there is nothing that libblkid knows.
 *
 * @fd: of a device or file, open for reading; @name: of it, for messages
 */
gboolean tune_signature_read(int fd, const char *name, TuneSignature **ret_signature,
			     GError **error);
void tune_signature_free(TuneSignature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneSignature, tune_signature_free)

/** tune_signature_describe: "a file system of type ext4, label root, UUID 0a1b..."; free it. */
char *tune_signature_describe(const TuneSignature *signature);

/** @number: as in the name of its device; @start, @size: in bytes. */
typedef struct {
	guint number;
	guint64 start;
	guint64 size;
} TunePartition;

/**
 * tune_partitions_read: those that can hold something, by their start; array of TunePartition, unref it.
 * Empty without a partition table.
 */
GPtrArray *tune_partitions_read(int fd, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * How a disk likes to be written, in bytes; 0 where it does not say, as a file.
 * Source: Documentation/ABI/stable/sysfs-block (minimum_io_size, optimal_io_size, alignment_offset).
 *
 * @sector: the logical one, never 0
 * @offset: of the first whole piece of @minimum_io
 */
typedef struct {
	guint64 size;
	guint64 sector;
	guint64 minimum_io;
	guint64 optimal_io;
	guint64 offset;
} TuneTopology;

/** tune_topology_read: of the whole device; a loop device or partition of it knows nothing of that. */
gboolean tune_topology_read(const char *path, TuneTopology *ret_topology, GError **error);

/** tune_topology_get_grain: what writes should be a multiple of: the optimal size where it can be one, or the minimum. */
guint64 tune_topology_get_grain(const TuneTopology *topology);

/** tune_topology_align: the first good place at or after @offset. */
guint64 tune_topology_align(const TuneTopology *topology, guint64 offset);

/** tune_topology_get_start: where a first partition should start: not before 1 MiB, where boot loaders keep theirs. */
guint64 tune_topology_get_start(const TuneTopology *topology);

/**
 * tune_topology_get_stripe: what a file system of blocks of @block bytes should be told: a piece on one disk and a
 * stripe over all of them; both 0 where there is nothing to tell.
 */
void tune_topology_get_stripe(const TuneTopology *topology, guint64 block, guint64 *ret_piece,
			      guint64 *ret_stripe);

/* ---- udev ---- */

/**
 * tune_udev_match: what a rule of udev says to mean @disk and no other, e.g. `ENV{ID_WWN}=="0x5000c500"`; free it.
 *
 * From udev's database below @root; `KERNEL=="sda"` where that knows nothing better.
 */
char *tune_udev_match(TuneRoot *root, const char *disk);

G_END_DECLS

#endif
