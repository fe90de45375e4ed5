/* SPDX-License-Identifier: BSD-2-Clause */
/* Where on a disk something should start, and how wide its stripes are. */
#include <libtune/tune.h>

#include "tests/unit/check.h"

#define KIB 1024ull
#define MIB (1024 * KIB)

static void test_alignment(void)
{
	static const struct {
		guint64 sector, minimum, optimal, offset;
		guint64 grain, start, piece, stripe;
	} rows[] = {
		/* A file, a plain disk, one with large sectors. */
		{ 512, 0, 0, 0, 512, MIB, 0, 0 },
		{ 512, 512, 0, 0, 512, MIB, 0, 0 },
		{ 512, 4096, 0, 0, 4096, MIB, 0, 0 },
		{ 4096, 4096, 4096, 0, 4096, MIB, 0, 0 },
		/* RAID: four of 64 KiB, three of 64 KiB, three of 512 KiB. */
		{ 512, 64 * KIB, 256 * KIB, 0, 256 * KIB, MIB, 64 * KIB, 256 * KIB },
		{ 512, 64 * KIB, 192 * KIB, 0, 192 * KIB, 1152 * KIB, 64 * KIB, 192 * KIB },
		{ 4096, 512 * KIB, 1536 * KIB, 0, 1536 * KIB, 1536 * KIB, 512 * KIB, 1536 * KIB },
		{ 512, 512, 4 * MIB, 0, 4 * MIB, 4 * MIB, 4 * MIB, 4 * MIB },
		/* 65535 sectors is what a bridge can take at once, and no stripe. */
		{ 512, 4096, 65535 * 512, 0, 4096, MIB, 0, 0 },
		{ 512, 512, 65535 * 512, 0, 512, MIB, 0, 0 },
		/* The first whole piece is at 3584, as on disks that count from sector 63. */
		{ 512, 4096, 0, 3584, 4096, MIB + 3584, 0, 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
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
		/* What is good stays where it is. */
		CU_ASSERT_EQUAL(tune_topology_align(&topology, rows[i].start), rows[i].start);
	}
}

int main(void)
{
	static const Check checks[] = { { "alignment", test_alignment }, { NULL, NULL } };

	return check_main("topology", checks);
}
