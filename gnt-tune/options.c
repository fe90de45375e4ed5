/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gnt-tune/options.h"

static Options parsed;

/* In the order of the sets' bits. */
static const GOptionEntry entries[] = {
	{ "root", 0, 0, G_OPTION_ARG_FILENAME, &parsed.root,
	  "Look at and tune the host below DIR, not this one", "DIR" },
	{ "policy", 0, 0, G_OPTION_ARG_FILENAME, &parsed.policy,
	  "Read FILE, not /etc/ganeti/tune.yaml", "FILE" },
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &parsed.dry_run,
	  "Write nothing, show what would be done", NULL },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &parsed.output,
	  "Show these fields; +FIELDS: the default ones and these", "FIELDS" },
	{ "no-headers", 0, 0, G_OPTION_ARG_NONE, &parsed.no_headers, "Leave out the headers",
	  NULL },
	{ "separator", 0, 0, G_OPTION_ARG_STRING, &parsed.separator, "Put SEP between fields",
	  "SEP" },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &parsed.json, "Print JSON", NULL },
	{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &parsed.verbose, "Show what is as wanted, too",
	  NULL },
	{ "pairs", 0, 0, G_OPTION_ARG_NONE, &parsed.pairs, "Print one row for each pair", NULL },
	{ "apply", 0, 0, G_OPTION_ARG_NONE, &parsed.apply, "Submit the jobs that set the tags",
	  NULL },
	{ "remove", 0, 0, G_OPTION_ARG_NONE, &parsed.remove,
	  "Submit the jobs that remove all of these tags", NULL },
	{ "qemu", 0, 0, G_OPTION_ARG_FILENAME, &parsed.qemu,
	  "Ask the QEMU at PATH, not at the cluster's kvm_path; VERSION (10.0): reduce dumps to what that QEMU shows",
	  "PATH|VERSION" },
	{ "link", 0, 0, G_OPTION_ARG_STRING, &parsed.link,
	  "With advise: the speed of the replication link, as in 10G", "SPEED" },
	{ "kernel", 0, 0, G_OPTION_ARG_STRING, &parsed.kernel,
	  "Reduce dumps to what KVM of that Linux (6.1) shows", "VERSION" },
	{ "missing", 0, 0, G_OPTION_ARG_NONE, &parsed.missing, "Only hooks that have no link yet",
	  NULL },
	{ "bit", 0, 0, G_OPTION_ARG_STRING, &parsed.bit,
	  "Only the records with which that CPU feature came or went", "NAME" },
	{ "like", 0, 0, G_OPTION_ARG_STRING, &parsed.like, "Upgrade the others as that node was",
	  "NODE" },
	{ "record", 0, 0, G_OPTION_ARG_FILENAME, &parsed.record,
	  "Upgrade the nodes to what that record says", "FILE" },
};

/* ---- a command line ---- */

static int find_by_name(const char *name, size_t length)
{
	for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
		if (strlen(entries[i].long_name) == length &&
		    strncmp(entries[i].long_name, name, length) == 0)
			return (int)i;
	return -1;
}

static int find_by_letter(char letter)
{
	for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
		if (entries[i].short_name == letter)
			return (int)i;
	return -1;
}

static gboolean takes_value(const GOptionEntry *entry)
{
	return entry->arg != G_OPTION_ARG_NONE;
}

/* Reads "--name", "--name=value" or "--name value".  Returns the last word that it has used. */
static char **read_long(Call *call, char **word)
{
	const char *name = *word + strlen("--");
	size_t length = strcspn(name, "=");
	int index = find_by_name(name, length);

	if (strcmp(name, "help") == 0) {
		call->is_help = TRUE;
	} else if (strcmp(name, "version") == 0) {
		call->is_version = TRUE;
	} else if (index >= 0) {
		call->given |= 1u << index;
		return takes_value(&entries[index]) && !name[length] && word[1] ? word + 1 : word;
	} else if (!call->unknown) {
		call->unknown = g_strndup(*word, strlen("--") + length);
	}
	return word;
}

/* The same for "-v" or "-vo value".  As in GOption, the value is always a word of its own. */
static char **read_short(Call *call, char **word)
{
	char **last = word;

	for (const char *letter = *word + 1; *letter; letter++) {
		int index = find_by_letter(*letter);
		if (*letter == 'h' || *letter == '?')
			call->is_help = TRUE;
		else if (index >= 0)
			call->given |= 1u << index;
		else if (!call->unknown)
			call->unknown = g_strdup_printf("-%c", *letter);
		if (index >= 0 && takes_value(&entries[index]) && last == word && word[1])
			last = word + 1;
	}
	return last;
}

Call *call_read(char **argv)
{
	Call *call = g_new0(Call, 1);
	gboolean has_ended = FALSE;

	call->words = g_ptr_array_new();
	for (char **word = argv; *word; word++) {
		if (has_ended || **word != '-' || !(*word)[1])
			g_ptr_array_add(call->words, *word);
		else if (strcmp(*word, "--") == 0)
			has_ended = TRUE;
		else
			word = (*word)[1] == '-' ? read_long(call, word) : read_short(call, word);
	}
	g_ptr_array_add(call->words, NULL);
	return call;
}

void call_free(Call *call)
{
	if (!call)
		return;
	g_ptr_array_unref(call->words);
	g_free(call->unknown);
	g_free(call);
}

/* ---- the table ---- */

GOptionContext *options_make_context(const char *arguments, guint set)
{
	GOptionContext *context = g_option_context_new(arguments);

	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		const GOptionEntry one[] = { entries[i], { NULL, 0, 0, 0, NULL, NULL, NULL } };
		if (set & 1u << i)
			g_option_context_add_main_entries(context, one, NULL);
	}
	return context;
}

const Options *options_get(void)
{
	return &parsed;
}

TuneRoot *options_open_root(const Options *options, GError **error)
{
	return tune_root_open(options->root ? options->root : "/", error);
}

const char *options_get_name(guint set)
{
	return entries[g_bit_nth_lsf(set, -1)].long_name;
}

const char *options_find_nearest(guint set, const char *word)
{
	const char *nearest = "help";
	guint least = tune_edit_distance(nearest, word);

	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		guint distance = tune_edit_distance(entries[i].long_name, word);
		if (!(set & 1u << i) || distance >= least)
			continue;
		least = distance;
		nearest = entries[i].long_name;
	}
	return nearest;
}

char *options_format(guint set)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		if (!(set & 1u << i))
			continue;
		g_string_append_printf(text, " --%s", entries[i].long_name);
		if (entries[i].short_name)
			g_string_append_printf(text, " -%c", entries[i].short_name);
	}
	return g_string_free(text, FALSE);
}

char *options_format_values(void)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		const GOptionEntry *entry = &entries[i];
		if (!takes_value(entry))
			continue;
		g_string_append_printf(text, " --%s=%s", entry->long_name, entry->arg_description);
		if (entry->short_name)
			g_string_append_printf(text, " -%c=%s", entry->short_name,
					       entry->arg_description);
	}
	return g_string_free(text, FALSE);
}
