/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of tune_origins_find() share: what is looked for, and what was found. */
#ifndef TUNE_SEARCH_H
#define TUNE_SEARCH_H

#include <libtune/origins/conf.h>
#include <libtune/tune.h>

/** What may be set: the value that is asked about, or the one that is the same setting in another unit. */
typedef enum {
	TUNE_TARGET_NONE,
	TUNE_TARGET_OWN,
	TUNE_TARGET_PAIR,
} TuneTarget;

/**
 * @own: path of the step; @pair: path of the other half of a paired setting, or NULL
 * @alias: the second path of a disk (sys/class/block/...), or NULL
 * @who: the kind that is being read
 * @winner: of this kind, the last word so far; an index into @found, or -1
 * @found: array of TuneOrigin
 */
typedef struct {
	TuneRoot *root;
	const TuneStep *step;
	const char *own;
	char *pair;
	char *alias;
	const char *who;
	gint winner;
	GPtrArray *found;
} TuneSearch;

/** What @pattern, a path or a glob of paths, means of what is asked about. */
TuneTarget tune_search_match(const TuneSearch *search, const char *pattern);

/** The same for the name of a sysctl. */
TuneTarget tune_search_match_sysctl(const TuneSearch *search, const char *key);

/** What @found has to be: an array of TuneOrigin that owns them; unref it. */
GPtrArray *tune_search_new_found(void);

/** Report that @target is set to @value (NULL: at run time); it is the last word until the next one. */
void tune_search_add(TuneSearch *search, TuneTarget target, const char *path, guint line,
		     const char *value);

/** fnmatch(3), but for patterns that nobody would write. */
gboolean tune_glob_matches(const char *pattern, const char *text, int flags);

/** Whether @text is a pattern. */
gboolean tune_glob_is(const char *text);

#endif
