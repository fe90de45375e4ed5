/* SPDX-License-Identifier: BSD-2-Clause */
/* Packings by name and by number. */
#include "os-scripts/packing.h"

#include "tests/unit/check.h"

static void test_packings(void)
{
	Packing packing = PACKING_NONE;

	CU_ASSERT(packing_find("gzip", &packing));
	CU_ASSERT_EQUAL(packing, PACKING_GZIP);
	CU_ASSERT_FALSE(packing_find("lzop", &packing));
	CU_ASSERT(packing_is_known(PACKING_ZSTD));
	CU_ASSERT_FALSE(packing_is_known(PACKING_ZSTD + 1));
}

int main(void)
{
	static const Check checks[] = {
		{ "names and numbers of packings", test_packings },
		{ NULL, NULL },
	};

	return check_main("packing", checks);
}
