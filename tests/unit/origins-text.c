/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/plan.h>

#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

static void print_origin(gpointer data, gpointer text)
{
	const TuneOrigin *origin = data;

	g_string_append_printf(
		text, "%s %s: %s%s%s%s\n", origin->who, origin->place,
		origin->value ? origin->value : "at run time", origin->condition ? " if " : "",
		origin->condition ? origin->condition : "", origin->wins ? " *" : "");
}

char *origins_find_on(TuneRoot *root, const TuneSection *section, const char *key,
		      const char *object)
{
	g_autoptr(GError) error = NULL;
	Step *step = tune_step_new(tune_param_find(section, key), key, object, "x", "test:1");
	g_autoptr(GPtrArray) origins = tune_origins_find(root, &step->public, &error);
	GString *text = g_string_new(NULL);

	tune_step_free(step);
	if (origins)
		g_ptr_array_foreach(origins, print_origin, text);
	else
		g_string_append(text, error->message);
	return g_string_free(text, FALSE);
}

void origins_check(const char *host, const TuneSection *section, const char *key,
		   const char *object, const char *wanted, const char *file, int line)
{
	g_autoptr(TuneRoot) root = check_host(host);
	g_autofree char *found = origins_find_on(root, section, key, object);

	check_text(found, wanted, key, file, line);
}
