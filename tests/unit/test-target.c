/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk that is being written: it is unusable until it is complete. */
#include <string.h>
#include <unistd.h>

#include "os-scripts/target.h"

#include "tests/unit/check.h"
#include "tests/unit/memory.h"

/* Killed after any number of writes, it leaves an unusable disk. */
static void test_unusable_until_the_end(void)
{
	static guint8 data[MIB];
	g_autoptr(GError) error = NULL;
	int disk = memory_garbage(4 * MIB);
	g_autoptr(Target) target = target_new(disk, "disk", &error);

	memset(data, 'x', sizeof(data));
	CU_ASSERT(memory_is_unusable(disk));
	for (gsize i = 0; i < 4; i++) {
		CU_ASSERT(target_put(target, i * MIB, data, MIB, &error));
		CU_ASSERT(memory_is_unusable(disk));
	}
	CU_ASSERT(target_finish(target, &error));
	g_autoptr(GByteArray) bytes = memory_read(disk);
	CU_ASSERT(memory_is_filled(bytes->data, bytes->len, 'x'));
	close(disk);
}

int main(void)
{
	static const Check checks[] = {
		{ "unusable until the end", test_unusable_until_the_end },
		{ NULL, NULL },
	};

	return check_main("target", checks);
}
