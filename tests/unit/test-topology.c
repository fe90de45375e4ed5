/* SPDX-License-Identifier: BSD-2-Clause */
/* The alignment of partitions on a disk, and the width of its stripes. */
#include <libtune/tune.h>

#include "tests/unit/check.h"

#define KIB 1024ull
#define MIB (1024 * KIB)

static void test_alignment(void)
{
	static const struct {
		const char *name;
		guint64 sector, minimum, optimal, offset;
		guint64 grain, start, piece, stripe;
	} rows[] = {
		/* A file, a plain disk, one with large sectors. */
		{ "a file", 512, 0, 0, 0, 512, MIB, 0, 0 },
		{ "a disk", 512, 512, 0, 0, 512, MIB, 0, 0 },
		{ "a disk of 4 KiB within", 512, 4096, 0, 0, 4096, MIB, 0, 0 },
		{ "a disk of 4 KiB", 4096, 4096, 4096, 0, 4096, MIB, 0, 0 },
		/* RAID: four of 64 KiB, three of 64 KiB, three of 512 KiB. */
		{ "four of 64 KiB", 512, 64 * KIB, 256 * KIB, 0, 256 * KIB, MIB, 64 * KIB,
		  256 * KIB },
		{ "three of 64 KiB", 512, 64 * KIB, 192 * KIB, 0, 192 * KIB, 1152 * KIB, 64 * KIB,
		  192 * KIB },
		{ "three of 512 KiB", 4096, 512 * KIB, 1536 * KIB, 0, 1536 * KIB, 1536 * KIB,
		  512 * KIB, 1536 * KIB },
		{ "more than a MiB at once", 512, 512, 4 * MIB, 0, 4 * MIB, 4 * MIB, 4 * MIB,
		  4 * MIB },
		{ "65535 sectors, what a bridge takes at once", 512, 4096, 65535 * 512, 0, 4096,
		  MIB, 0, 0 },
		{ "65535 sectors, and 512 bytes", 512, 512, 65535 * 512, 0, 512, MIB, 0, 0 },
		{ "counted from sector 63", 512, 4096, 0, 3584, 4096, MIB + 3584, 0, 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		const TuneTopology topology = { .sector = rows[i].sector,
						.minimum_io = rows[i].minimum,
						.optimal_io = rows[i].optimal,
						.offset = rows[i].offset };
		guint64 piece, stripe;
		tune_topology_get_stripe(&topology, 4096, &piece, &stripe);
		CU_ASSERT_EQUAL(tune_topology_get_grain(&topology), rows[i].grain);
		CU_ASSERT_EQUAL(tune_topology_get_start(&topology), rows[i].start);
		CU_ASSERT_EQUAL(piece, rows[i].piece);
		CU_ASSERT_EQUAL(stripe, rows[i].stripe);
		/* An aligned start is not moved. */
		CU_ASSERT_EQUAL(tune_topology_align(&topology, rows[i].start), rows[i].start);
	}
}

int main(void)
{
	static const Check checks[] = { { "alignment", test_alignment }, { NULL, NULL } };

	return check_main("topology", checks);
}
