/* SPDX-License-Identifier: BSD-2-Clause */
/* How a udev rule recognizes one disk.  Knows udev's database, and not what the rule is for. */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/tune-host.h>

/* The most reliable first.  The name comes last, because another disk may have it after the next boot. */
static const char *const properties[] = { "ID_WWN_WITH_EXTENSION", "ID_WWN", "ID_SERIAL" };

static char *read_database(TuneRoot *root, const char *disk)
{
	g_autofree char *path = g_strdup_printf("sys/block/%s/dev", disk);
	g_autofree char *number = tune_root_read_attribute(root, path, NULL);
	g_autofree char *data = number ? g_strdup_printf("run/udev/data/b%s", number) : NULL;
	g_autofree char *text = data ? tune_root_read(root, data, NULL) : NULL;

	return text ? g_strconcat("\n", text, NULL) : NULL;
}

/* Whether @value needs no quoting, and matches only itself. */
static gboolean is_plain(const char *value)
{
	return *value && value[strspn(value, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.:-")] == 0;
}

static char *find_property(const char *database, const char *property)
{
	g_autofree char *start = g_strdup_printf("\nE:%s=", property);
	const char *found = strstr(database, start);
	const char *value = found ? found + strlen(start) : "";
	g_autofree char *text = g_strndup(value, strcspn(value, "\n"));

	return is_plain(text) ? g_steal_pointer(&text) : NULL;
}

char *tune_udev_match(TuneRoot *root, const char *disk)
{
	g_autofree char *database = read_database(root, disk);
	g_autofree char *path = g_strdup_printf("sys/block/%s/dm/uuid", disk);
	g_autofree char *uuid = tune_root_read_attribute(root, path, NULL);

	if (uuid && is_plain(uuid))
		return g_strdup_printf("ENV{DM_UUID}==\"%s\"", uuid);
	for (guint i = 0; database && i < G_N_ELEMENTS(properties); i++) {
		g_autofree char *value = find_property(database, properties[i]);
		if (value)
			return g_strdup_printf("ENV{%s}==\"%s\"", properties[i], value);
	}
	return g_strdup_printf("KERNEL==\"%s\"", disk);
}
