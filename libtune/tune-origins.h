/* SPDX-License-Identifier: BSD-2-Clause */
/** Who else sets a value, and who has the last word at boot.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_ORIGINS_H
#define TUNE_PUBLIC_ORIGINS_H

#include <glib.h>

#include <libtune/tune-tuning.h>

G_BEGIN_DECLS

/* ---- who else sets it ---- */

/**
 * Who sets a value: somebody else, or our own unit by the policy.
 *
 * @who: "modprobe.d", "kernel command line", "sysctl.d", "udev", "tmpfiles.d", "sysfs.conf", "TuneD", "ksmtuned", "ganeti-tune.service"
 * @place: FILE:LINE; FILE alone where no line of it says so
 * @value: what it would set, or NULL when it decides at run time
 * @condition: it sets the value only if this holds, which cannot be told from files; NULL: it sets it
 * @wins: of those without a condition, this one is the last at boot; TRUE of at most one
 */
typedef struct {
	const char *who;
	char *place;
	char *value;
	char *condition;
	gboolean wins;
} TuneOrigin;

/** tune_origins_find: all who set what @step is about, in the order in which they do it at boot.  Array of TuneOrigin; unref it. */
GPtrArray *tune_origins_find(TuneRoot *root, const TuneStep *step,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_plan_mark_contested: set the verdict of steps whose value somebody else sets, too, and otherwise, at boot after
 * us or at run time, to TUNE_VERDICT_CONTESTED; the note says who.
 *
 * For plans that are shown; apply writes what it is told, whoever may replace it.  Fails when a file of those others
 * cannot be read.
 */
gboolean tune_plan_mark_contested(TunePlan *plan, GError **error);

G_END_DECLS

#endif
