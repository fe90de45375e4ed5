/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest's files are tuned with.  The tree is a TuneRoot: whatever its links say, nothing leads out of it.
 * Each function leaves alone what is as it should be, so that a second run changes nothing.
 */
#ifndef TUNE_DROPIN_H
#define TUNE_DROPIN_H

#include <libtune/root.h>

/** The tree at work, what is known of its guest, and what was done. */
typedef struct {
	TuneRoot *tree;
	const TuneGuestFacts *facts;
	const char *name; /* of the drop-in at work */
	GPtrArray *log;
} TuneDropinRun;

/** Line for the log: "console: text". */
void tune_dropin_log(TuneDropinRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Write @path unless it is so already. */
gboolean tune_dropin_put(TuneDropinRun *run, const char *path, const char *text, GError **error);

/** Make a link unless it is so already. */
gboolean tune_dropin_link(TuneDropinRun *run, const char *target, const char *path, GError **error);

/** The file of a systemd unit that the distribution has put there, as the guest sees it; NULL when there is none. */
char *tune_dropin_find_unit(TuneDropinRun *run, const char *unit);

/* ---- dropin-boot.c ---- */

gboolean tune_dropin_console(TuneDropinRun *run, GError **error);

/** root= on the command lines of the guest's kernels. */
gboolean tune_dropin_boot_root(TuneDropinRun *run, GError **error);

/**
 * @line with the words of @add, in place of those that start with one of @drop; free it.
 * Only what follows the first @n_keep words is looked at.
 */
char *tune_cmdline_edit(const char *line, guint n_keep, const char *const *drop, const char *add);

/* ---- dropin-fstab.c ---- */

gboolean tune_dropin_noatime(TuneDropinRun *run, GError **error);
gboolean tune_dropin_root(TuneDropinRun *run, GError **error);

#endif
