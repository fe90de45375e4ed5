/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration files of other programs: which files count, in which order, and how they are cut into lines and words.
 * What a line means, the reader of each program knows.
 */
#ifndef TUNE_CONF_H
#define TUNE_CONF_H

#include <libtune/tune-origins.h>

/**
 * A file that is read line by line.
 *
 * @line: number of the line that was returned last
 */
typedef struct {
	char *path;
	guint line;
	char *text;
	char *rest;
} TuneConf;

/**
 * A file that is absent or not a regular file (a link to /dev/null, a directory) has no lines.  NUL bytes become
 * blanks, so that they hide nothing.  Fails when a file is there and cannot be read.
 */
TuneConf *tune_conf_open(TuneRoot *root, const char *path, GError **error);
void tune_conf_free(TuneConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneConf, tune_conf_free)

/** The next line as it is, or NULL; borrowed, and may be cut up. */
char *tune_conf_next(TuneConf *conf);

/** The next line that is neither empty nor a comment ("#" or ";"), without the blanks around it. */
char *tune_conf_next_setting(TuneConf *conf);

/** Cut @line at its first "=".  The value without the blanks around it, or NULL; @line keeps the key. */
char *tune_conf_split(char *line);

/** Cut the first word, which may be in quotes, off @rest.  Empty at the end. */
char *tune_conf_cut_word(char **rest);

/**
 * The files of a drop-in directory as systemd and procps see them: of etc/, run/, usr/local/lib/,
 * usr/lib/ and lib/, the earlier masks the same name in the later ones; sorted by name alone.  Hidden files do not count.
 *
 * @directory: below those, "sysctl.d"; @suffix: of the names, ".conf"
 */
GPtrArray *tune_conf_list(TuneRoot *root, const char *directory, const char *suffix,
			  GError **error);

/** The files of one directory, sorted by name, without hidden ones; an empty array when it is absent. */
GPtrArray *tune_conf_list_one(TuneRoot *root, const char *directory, const char *suffix,
			      GError **error);

/** Open each of @paths and have @read read it. */
gboolean tune_conf_each(TuneRoot *root, const GPtrArray *paths,
			void (*read)(gpointer data, TuneConf *conf), gpointer data, GError **error);

/**
 * The first name in @directory that matches, a path to free; *@ret_path stays as it is when there is none.  Links are not
 * followed: the target may be anywhere.
 */
gboolean tune_conf_find_entry(TuneRoot *root, const char *directory, const char *pattern,
			      char **ret_path, GError **error);

/** The same of the link by which systemd starts @unit at boot; a unit that is masked is not started. */
gboolean tune_conf_find_start(TuneRoot *root, const char *unit, char **ret_path, GError **error);

/** TRUE unless @path is known to be absent: when it cannot be looked at, opening it will fail with the reason. */
gboolean tune_conf_exists(TuneRoot *root, const char *path);

/** Whether @a and @b both exist, and are the same file. */
gboolean tune_conf_is_same(TuneRoot *root, const char *a, const char *b);

#endif
