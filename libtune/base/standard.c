/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <libtune/tune.h>

/*
 * In the direction in which it is not used: who reads or writes there is told that it is not open, as without it.
 * The lowest number that is free is taken, so each of them gets its own.
 */
void tune_standard_open(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			_exit(EXIT_FAILURE);
}
