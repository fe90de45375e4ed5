/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/backend.h>
#include <libtune/base/root.h>

char *tune_backend_read_file(TuneFacts *facts, const char *path, GError **error)
{
	return tune_root_read_attribute(tune_facts_get_root(facts), path, error);
}

static gboolean write_file(TuneFacts *facts, const char *path, const char *value, GError **error)
{
	return tune_root_write(tune_facts_get_root(facts), path, value, error);
}

static gboolean check_file(TuneFacts *facts, const char *path, GError **error)
{
	return tune_root_check_write(tune_facts_get_root(facts), path, error);
}

const TuneBackend tune_backend_file = {
	.read = tune_backend_read_file,
	.write = write_file,
	.check = check_file,
};
