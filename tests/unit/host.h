/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine as one text file.  Each line makes one file below a directory:
 *
 *	# a comment
 *	sys/kernel/mm/ksm/run = 0
 *	sys/block/sda -> ../devices/pci0000:00/block/sda
 *	usr/sbin/pvs ! printf '  /dev/sdb1 xenvg\n'
 *	sys/block/dm-0/slaves/ /
 *	dev/sdb1 @ lvm2-pv
 *
 * "=" a file with that line, in which \n and \t are what they are in C; "->" a symbolic link; "!" a shell
 * script; "/" an empty directory; "@" a file of a known binary form.  Directories come by themselves.
 */
#ifndef TUNE_TEST_HOST_H
#define TUNE_TEST_HOST_H

/** NULL, or a newly allocated text that says which line could not be made, and why. */
char *host_unroll(const char *text, const char *directory);

#endif
