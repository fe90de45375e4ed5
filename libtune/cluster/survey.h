/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several commands for a node in one script, and the answer cut up into those of the commands.  The questions
 * themselves are in survey.c; the public part in tune.h.
 */
#ifndef TUNE_SURVEY_H
#define TUNE_SURVEY_H

#include <libtune/tune-cluster.h>

/** Add to @script a command whose answer will be known as @name: letters, digits, "." and "-". */
void tune_script_add(GString *script, const char *name, const char *command);

/** @text: standard output and standard error of the command; @status: its exit status */
typedef void TuneScriptUse(gpointer user, const char *name, char *text, int status);

/** Call @use for each of the script's commands that has ended. */
void tune_script_split(const char *answer, TuneScriptUse *use, gpointer user);

/** What a node is asked for its guests, and its answer as an array of TuneRunningGuest; unref it. */
#define TUNE_GUESTS_COMMAND                                                                        \
	"gnt-tune cpu guests --no-headers --separator='\t' -o instance,cpu_type,kvm,started,qemu,hvparams,note"
GPtrArray *tune_survey_read_guests(const char *text);

/** Why a command failed: its last line, and what to do; one line, free it. */
char *tune_script_explain(const char *text, int status);

#endif
