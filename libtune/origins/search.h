/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of tune_origins_find() share: which setting is looked for, and where it was found. */
#ifndef TUNE_SEARCH_H
#define TUNE_SEARCH_H

#include <libtune/origins/conf.h>
#include <libtune/tune-origins.h>

/** Which setting a line is about: the one that is looked for, its pair (the same setting in another unit), or none. */
typedef enum {
	TUNE_TARGET_NONE,
	TUNE_TARGET_OWN,
	TUNE_TARGET_PAIR,
} TuneTarget;

/**
 * @own: path of the step; @pair: path of the same setting in another unit, or NULL
 * @alias: the second path of a disk (sys/class/block/...), or NULL
 * @who: the program whose configuration is being read
 * @winner: which of this program's lines takes effect for certain, so far; an index into @found, or -1
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

/** Which setting @pattern is about, a path or a glob of paths. */
TuneTarget tune_search_match(const TuneSearch *search, const char *pattern);

/** The same for the name of a sysctl. */
TuneTarget tune_search_match_sysctl(const TuneSearch *search, const char *key);

/** An empty array for @found, which will own its TuneOrigin; unref it. */
GPtrArray *tune_search_new_found(void);

/** Add that @target is set to @value (NULL: decided at run time).  It is the winner until another line is added. */
void tune_search_add(TuneSearch *search, TuneTarget target, const char *path, guint line,
		     const char *value);

/** The same for a line that takes effect only if @condition holds, which cannot be told from files; NULL: it does. */
void tune_search_add_if(TuneSearch *search, TuneTarget target, const char *path, guint line,
			const char *value, const char *condition);

/** fnmatch(3); a pattern of more than 4096 characters matches nothing. */
gboolean tune_glob_matches(const char *pattern, const char *text, int flags);

/** Whether @text is a pattern. */
gboolean tune_glob_is(const char *text);

#endif
