/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/host/lvm-filter.h>

/* The value of a line "NAME=VALUE", or NULL. */
static const char *find_value(char *const *lines, const char *name)
{
	gsize length = strlen(name);

	for (; *lines; lines++)
		if (g_str_has_prefix(*lines, name) && (*lines)[length] == '=')
			return *lines + length + 1;
	return NULL;
}

/* The strings in quotes of a list, or of a single one. */
static GPtrArray *split_strings(const char *value)
{
	GPtrArray *strings = g_ptr_array_new_with_free_func(g_free);

	while ((value = strchr(value, '"'))) {
		GString *text = g_string_new(NULL);
		for (value++; *value && *value != '"'; value++) {
			if (*value == '\\' && value[1])
				value++;
			g_string_append_c(text, *value);
		}
		g_ptr_array_add(strings, g_string_free(text, FALSE));
		value += *value == '"';
	}
	return strings;
}

/* "a|REGEX|" or "r|REGEX|", with any character for the bar. */
static gboolean does_match(const char *pattern, const char *device)
{
	const char *end = pattern[0] && pattern[1] ? strrchr(pattern + 2, pattern[1]) : NULL;

	if (!end)
		return FALSE;
	g_autofree char *regex = g_strndup(pattern + 2, (gsize)(end - pattern - 2));
	return g_regex_match_simple(regex, device, 0, 0);
}

/* The first pattern that matches decides; a device that no pattern matches is accepted. */
static gboolean does_accept(const char *value, const char *device)
{
	g_autoptr(GPtrArray) patterns = split_strings(value ? value : "");

	for (guint i = 0; i < patterns->len; i++)
		if (does_match(patterns->pdata[i], device))
			return *(const char *)patterns->pdata[i] != 'r';
	return TRUE;
}

gboolean tune_lvm_lets_in(const char *config, const char *device)
{
	g_auto(GStrv) lines = g_strsplit(config, "\n", -1);

	/* LVM then looks only at the devices that a file lists: lvmdevices(8). */
	if (g_strcmp0(find_value(lines, "use_devicesfile"), "1") == 0)
		return FALSE;
	return does_accept(find_value(lines, "global_filter"), device) &&
	       does_accept(find_value(lines, "filter"), device);
}
