/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options.  The rows of commands and verbs say, as a set, which of them they take. */
#ifndef GNT_TUNE_OPTIONS_H
#define GNT_TUNE_OPTIONS_H

#include "gnt-tune/gnt-tune.h"

/** Sets of options. */
enum {
	OPTION_ROOT = 1 << 0,
	OPTION_POLICY = 1 << 1,
	OPTION_DRY_RUN = 1 << 2,
	OPTION_OUTPUT = 1 << 3,
	OPTION_NO_HEADERS = 1 << 4,
	OPTION_SEPARATOR = 1 << 5,
	OPTION_JSON = 1 << 6,
	OPTION_VERBOSE = 1 << 7,
	OPTION_PAIRS = 1 << 8,
	OPTION_APPLY = 1 << 9,
	OPTION_REMOVE = 1 << 10,
	OPTION_QEMU = 1 << 11,
	OPTION_LINK = 1 << 12,
	OPTION_KERNEL = 1 << 13,
	OPTION_MISSING = 1 << 14,
	OPTION_BIT = 1 << 15,
	OPTION_LIKE = 1 << 16,
	OPTION_RECORD = 1 << 17,
};

/** For commands that print a table. */
#define OPTIONS_TABLE (OPTION_OUTPUT | OPTION_NO_HEADERS | OPTION_SEPARATOR | OPTION_JSON)
/** For verbs that take images of CPUs. */
#define OPTIONS_IMAGE (OPTION_QEMU | OPTION_KERNEL)
/** For commands that compare a host with its policy. */
#define OPTIONS_NODE (OPTION_ROOT | OPTION_POLICY)

/**
 * A command line as it is read first, to learn which command it names: the command tells which options may be parsed.
 * @words: the words that are neither an option nor the value of one; they belong to argv
 * @given: the set of known options in it
 * @unknown: the first option that no command has, or NULL
 */
typedef struct {
	GPtrArray *words;
	guint given;
	char *unknown;
	gboolean is_help;
	gboolean is_version;
} Call;

/** Reads @argv, NULL-terminated, without the program's name. */
Call *call_read(char **argv);
void call_free(Call *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Call, call_free)

/** A context that parses the options of @set, and no others, into options_get().  Free it. */
GOptionContext *options_make_context(const char *arguments, guint set);

/** The options that contexts have parsed; static. */
const Options *options_get(void);

/** The host that --root names, this one by default. */
TuneRoot *options_open_root(const Options *options, GError **error);

/** The name of the first option of @set, without dashes. */
const char *options_get_name(guint set);

/** The name of the option of @set that is most like @word, without dashes. */
const char *options_find_nearest(guint set, const char *word);

/** All options of @set, as " --root --policy", for completion; free it. */
char *options_format(guint set);

/** All options that take a value, as " --root=DIR --policy=FILE -o=FIELDS"; free it. */
char *options_format_values(void);

#endif
