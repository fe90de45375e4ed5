/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard input, output and error of a program that was started without them. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <libtune/tune-base.h>

/*
 * Each missing descriptor becomes /dev/null, opened for the direction that is not used: reading or writing fails as if
 * it were closed, but no other file can get its number.  open(2) takes the lowest free number, which is the missing one.
 */
void tune_standard_open(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			_exit(EXIT_FAILURE);
}
