/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of DRBD 8.4, through drbdsetup as Ganeti calls it (lib/storage/drbd_cmdgen.py): an option of the
 * disk belongs to the minor, one of the network to the connection.  A path is "drbd/drbd3/net/max-buffers".
 */
#include <string.h>

#include <libtune/tuning/backend.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

/* "yes" and "no" are shown as a choice between both, in the form that the kernel uses elsewhere. */
static char *format_value(const char *value)
{
	if (strcmp(value, "yes") == 0)
		return g_strdup("[yes] no");
	return g_strdup(strcmp(value, "no") == 0 ? "yes [no]" : value);
}

/* The device of @path; @ret_option: its option */
static const TuneDrbdDevice *find_device(TuneFacts *facts, const char *path,
					 const char **ret_option, GError **error)
{
	const char *name = path + strlen("drbd/");
	const char *slash = strchr(name, '/');
	g_autofree char *device = g_strndup(name, (gsize)(slash - name));

	*ret_option = slash + 1;
	return tune_facts_get_minor(facts, device, error);
}

static char *read_option(TuneFacts *facts, const char *path, GError **error)
{
	const char *option;
	const TuneDrbdDevice *device = find_device(facts, path, &option, error);

	if (!device)
		return NULL;
	const char *value = tune_drbd_get(device, option);
	if (!value)
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s of %s: has no %s", option,
				      device->name,
				      g_str_has_prefix(option, "net/") ? "connection" : "disk");
	return format_value(value);
}

static gboolean is_of_net(const char *option)
{
	return g_str_has_prefix(option, "net/");
}

/* Without --set-defaults, which would reset all options that are not named. */
static gboolean run_write(TuneRoot *root, const TuneDrbdDevice *device, const char *option,
			  const char *value, GError **error)
{
	g_autofree char *minor = g_strdup_printf("%u", device->minor);
	g_autofree char *setting = g_strdup_printf("--%s=%s", strchr(option, '/') + 1, value);
	const char *const disk[] = { TUNE_DRBD_PROGRAM, "disk-options", minor, setting, NULL };
	const char *const net[] = { TUNE_DRBD_PROGRAM, "net-options", device->local,
				    device->remote,    setting,       NULL };

	if (is_of_net(option) && (!device->local || !device->remote))
		return tune_fail(error, TUNE_ERROR_ABSENT, "%s: has no connection", device->name);
	return tune_command_call(root, is_of_net(option) ? net : disk, TUNE_DRBD_TIMEOUT_MS, error);
}

static gboolean is_gone(TuneFacts *facts, const char *name, const char *option)
{
	g_autoptr(GError) local = NULL;
	const TuneDrbdDevice *device = tune_facts_get_minor(facts, name, &local);

	return device ? !tune_drbd_get(device, option)
		      : g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT);
}

/* A minor, its disk or its connection may disappear at any time; then the option is absent, which is no failure. */
static gboolean write_option(TuneFacts *facts, const char *path, const char *value, GError **error)
{
	const char *option;
	const TuneDrbdDevice *device = find_device(facts, path, &option, error);
	g_autoptr(GError) local = NULL;

	if (!device)
		return FALSE;
	g_autofree char *name = g_strdup(device->name);
	gboolean good = run_write(tune_facts_get_root(facts), device, option, value, &local);
	tune_drbd_mark_stale(tune_facts_get_drbd(facts, NULL), device);
	if (good)
		return TRUE;
	if (is_gone(facts, name, option))
		return tune_fail(error, TUNE_ERROR_ABSENT, "%s of %s: is gone", option, name);
	/* When drbdsetup fails, DRBD has refused the value. */
	return tune_fail(error,
			 local->code == TUNE_ERROR_IO ? TUNE_ERROR_REFUSED
						      : (TuneErrorCode)local->code,
			 "%s of %s: %s", option, name, local->message);
}

static gboolean check_version(TuneFacts *facts, const char *path G_GNUC_UNUSED, GError **error)
{
	const TuneDrbd *drbd = tune_facts_get_drbd(facts, error);

	if (!drbd)
		return FALSE;
	if (drbd->major == TUNE_DRBD_WRITTEN_VERSION)
		return TRUE;
	return tune_fail(error, TUNE_ERROR_DENIED,
			 "DRBD %s is only read: Ganeti runs 8.4, and only that is written to",
			 drbd->version);
}

/* A socket keeps the buffer sizes it was made with; without a connection, the next socket gets the new ones. */
static const char *get_delay(TuneFacts *facts, const char *path)
{
	const char *option;
	const TuneDrbdDevice *device = find_device(facts, path, &option, NULL);

	if (!device || !device->connection ||
	    (strcmp(option, "net/sndbuf-size") != 0 && strcmp(option, "net/rcvbuf-size") != 0))
		return NULL;
	return strcmp(device->connection, "WFConnection") == 0 ||
			       strcmp(device->connection, "StandAlone") == 0
		       ? NULL
		       : "in force when the connection is made the next time";
}

const TuneBackend tune_backend_drbd = {
	.read = read_option,
	.write = write_option,
	.check = check_version,
	.get_delay = get_delay,
};
