/* SPDX-License-Identifier: BSD-2-Clause */
/* Several commands in one ssh connection: each is followed by a line that marks its end and has its exit status. */
#include <stdlib.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cluster/survey.h>

/* No output of gnt-tune starts like this. */
#define MARK "== "

#define COMPLAINT "gnt-tune: "
#define STATUS_USAGE 2

/* Fails once, instead of once for each command. */
#define NEEDS_PROGRAM "command -v gnt-tune >/dev/null || exit 127; "

void tune_script_add(GString *script, const char *name, const char *command)
{
	g_string_append_printf(script, "%s%s 2>&1; echo '" MARK "%s '$?; ",
			       script->len ? "" : NEEDS_PROGRAM, command, name);
}

/* "== NAME STATUS". */
static gboolean is_mark(const char *line, char **ret_name, int *ret_status)
{
	if (!g_str_has_prefix(line, MARK))
		return FALSE;
	g_auto(GStrv) words = g_strsplit(line + strlen(MARK), " ", 3);
	if (g_strv_length(words) != 2)
		return FALSE;
	*ret_name = g_strdup(words[0]);
	*ret_status = atoi(words[1]);
	return TRUE;
}

void tune_script_split(const char *answer, TuneScriptUse *use, gpointer user)
{
	g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
	g_autoptr(GString) text = g_string_new(NULL);

	for (char **line = lines; *line; line++) {
		g_autofree char *name = NULL;
		int status;
		if (!is_mark(*line, &name, &status)) {
			g_string_append_printf(text, "%s\n", *line);
			continue;
		}
		use(user, name, text->str, status);
		g_string_truncate(text, 0);
	}
}

/* The message of gnt-tune itself, or else the last line. */
static const char *find_complaint(char **lines)
{
	const char *found = "no reason given";

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, COMPLAINT))
			return *line + strlen(COMPLAINT);
		else if (**line)
			found = *line;
	return found;
}

char *tune_script_explain(const char *text, int status)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *clean = tune_error_clean(find_complaint(lines));

	return g_strconcat(clean,
			   status == STATUS_USAGE ? ": it has another version of ganeti-tune" : "",
			   NULL);
}
