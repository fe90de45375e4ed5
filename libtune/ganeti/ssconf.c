/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/tune-ganeti.h>

#define SSCONF "var/lib/ganeti/ssconf_"
#define HVPARAMS "hvparams_kvm"

char *tune_cluster_read(TuneRoot *root, const char *key, GError **error)
{
	g_autofree char *path = g_strconcat(SSCONF, key, NULL);

	return tune_root_read(root, path, error);
}

char **tune_cluster_read_lines(TuneRoot *root, const char *key)
{
	g_autofree char *text = tune_cluster_read(root, key, NULL);

	return g_strsplit(text ? text : "", "\n", -1);
}

/* Values may have "=", and never have a newline. */
char *tune_ganeti_get_hvparam(TuneRoot *root, const char *name, GError **error)
{
	g_autofree char *text = tune_cluster_read(root, HVPARAMS, error);

	if (!text)
		return NULL;
	g_autofree char *key = g_strconcat(name, "=", NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, key))
			return g_strdup(*line + strlen(key));
	return tune_fail_null(error, TUNE_ERROR_INVALID, SSCONF HVPARAMS ": no %s", name);
}

char *tune_ganeti_get_machine(TuneRoot *root)
{
	g_autofree char *machine = tune_ganeti_get_hvparam(root, "machine_version", NULL);

	return machine && *machine ? g_steal_pointer(&machine) : NULL;
}
