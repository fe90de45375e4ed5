/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mergeable MIB: hold so much memory that KSM may merge, until standard input ends.
 *
 * Of the pages one half has contents that every process of this program has, a quarter is empty, and a
 * quarter is this process's alone. Small pages only: with transparent huge pages, Debian's default, KSM of
 * Linux 6.12 was seen to share 1024 pages of two such processes of 8 MiB instead of 2044.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fill(char *page, size_t number)
{
	if (number % 4 == 0)
		snprintf(page, 64, "process %d, page %zu", (int)getpid(), number);
	else if (number % 4 != 1)
		snprintf(page, 64, "every process, page %zu", number);
	else
		memset(page, 0, 64);
}

int main(int argc, char *argv[])
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) << 20 : 1 << 20;
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char unused;

	if (memory == MAP_FAILED || madvise(memory, size, MADV_MERGEABLE) < 0 ||
	    (madvise(memory, size, MADV_NOHUGEPAGE) < 0 && errno != EINVAL)) {
		perror("mergeable");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < size / page_size; i++)
		fill(memory + i * page_size, i);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &unused, 1) > 0)
		continue;
	return EXIT_SUCCESS;
}
