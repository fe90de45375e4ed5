/* SPDX-License-Identifier: BSD-2-Clause */
/* Several commands in one go to a node, and which of its words answer which of them.  */
#ifndef TUNE_SURVEY_H
#define TUNE_SURVEY_H

#include <libtune/tune-cluster.h>

/** Add to @script a command whose answer will be known as @name: letters, digits, "." and "-". */
void tune_script_add(GString *script, const char *name, const char *command);

/** @text: all that the command wrote, to standard output and error; @status: what it ended with */
typedef void TuneScriptTake(gpointer user, const char *name, char *text, int status);

/** Call @take for each of a script's commands that came to its end. */
void tune_script_split(const char *answer, TuneScriptTake *take, gpointer user);

/** Why a command failed: what it said last, and a way out; one line, free it. */
char *tune_script_explain(const char *text, int status);

#endif
