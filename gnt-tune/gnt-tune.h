/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands share: options and exit codes. */
#ifndef GNT_TUNE_H
#define GNT_TUNE_H

#include <libtune/tune.h>

/** Documented in gnt-tune(8): part of the interface. */
enum {
	EXIT_AS_WANTED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_DIFFERS = 4,
};

/** The options of the same names. */
typedef struct {
	char *root;
	char *policy;
	char *output;
	char *separator;
	gboolean json;
	gboolean no_headers;
	gboolean verbose;
	gboolean dry_run;
	gboolean pairs;
	gboolean apply;
	gboolean remove;
	gboolean missing;
	char *qemu;
	char *kernel;
	char *link;
	char *bit;
	char *like;
	char *record;
} Options;

/**
 * Runs a command or one of its verbs.  @arguments: the words after its name, without options, NULL-terminated.
 * Returns an exit code.  With EXIT_FAILED, @error may say why; G_OPTION_ERROR says that it was called wrongly.
 * A verb may return EXIT_USAGE without an error instead: verbs_run() makes the message.
 */
typedef int Run(const Options *options, char **arguments, GError **error);

#endif
