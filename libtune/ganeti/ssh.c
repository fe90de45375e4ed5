/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Like `gnt-cluster command` (Ganeti, lib/ssh.py, SshRunner): root's own keys, one host key for all nodes under the
 * cluster's name, and no questions.  Unlike there, ssh's own messages are kept, since they name the reason.
 */
#include <string.h>

#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

#define IPV6 "10" /* AF_INET6, as Ganeti writes it down */

/* Exit statuses of a shell, of ssh and of gnt-tune. */
#define STATUS_NO_COMMAND 127
#define STATUS_NO_CONNECTION 255
#define STATUS_USAGE 2

static const char *const fixed_options[] = {
	"-oEscapeChar=none",
	"-oHashKnownHosts=no",
	"-oGlobalKnownHostsFile=/var/lib/ganeti/known_hosts",
	"-oUserKnownHostsFile=/dev/null",
	"-oCheckHostIP=no",
	"-oConnectTimeout=10",
	"-oBatchMode=yes",
	"-oStrictHostKeyChecking=yes",
	"-oLogLevel=ERROR",
	/* A shared connection would leave a process behind that holds our pipes open. */
	"-oControlPath=none",
	/* root's ssh_config may switch these on; the other node must not use anything of this one. */
	"-oForwardAgent=no",
	"-oForwardX11=no",
	"-oClearAllForwardings=yes",
	"-oPermitLocalCommand=no",
	"-oTunnel=no",
	"-oRequestTTY=no",
};

void tune_remote_clear(TuneRemote *remote)
{
	g_clear_pointer(&remote->answer, g_free);
	g_clear_pointer(&remote->reason, g_free);
}

static GPtrArray *make_argv(const TuneRemote *remote, const char *alias, const char *family)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(argv, g_strdup("ssh"));
	for (guint i = 0; i < G_N_ELEMENTS(fixed_options); i++)
		g_ptr_array_add(argv, g_strdup(fixed_options[i]));
	g_ptr_array_add(argv, g_strdup(alias));
	g_ptr_array_add(argv, g_strdup(family));
	if (remote->node->ssh_port)
		g_ptr_array_add(argv, g_strdup_printf("-oPort=%u", remote->node->ssh_port));
	g_ptr_array_add(argv, g_strconcat("root@", remote->node->name, NULL));
	g_ptr_array_add(argv, g_strdup(remote->command));
	g_ptr_array_add(argv, NULL);
	return argv;
}

static char *explain_failure(const TuneCommandResult *command, guint timeout_ms)
{
	const char *said = *command->complaint ? command->complaint : "no reason given";

	if (g_error_matches(command->error, TUNE_ERROR, TUNE_ERROR_TIMEOUT))
		return g_strdup_printf(
			"no answer within %u s: see gnt-node list, or set it offline",
			timeout_ms / 1000);
	switch (command->status) {
	case STATUS_NO_CONNECTION:
		return g_strdup_printf("cannot be reached by ssh, see gnt-cluster verify: %s",
				       said);
	case STATUS_NO_COMMAND:
		return g_strdup("has no gnt-tune: install ganeti-tune there");
	case STATUS_USAGE:
		return g_strdup_printf("has another version of ganeti-tune, update it: %s", said);
	case -1:
		return g_strdup(command->error->message);
	default:
		return g_strdup(said);
	}
}

gboolean tune_remote_run(TuneRoot *root, TuneRemote *remotes, guint n_remotes, const char *input,
			 guint timeout_ms, GError **error)
{
	g_autofree char *cluster = tune_cluster_read(root, "cluster_name", error);
	g_autofree char *family = tune_cluster_read(root, "primary_ip_family", NULL);
	g_autofree char *alias = g_strconcat("-oHostKeyAlias=", cluster, NULL);
	gboolean is_ipv6 = g_strcmp0(family, IPV6) == 0;

	if (!cluster)
		return FALSE;
	g_autoptr(GPtrArray)
		argvs = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	g_autofree TuneCommandResult *commands = g_new0(TuneCommandResult, n_remotes);
	for (guint i = 0; i < n_remotes; i++) {
		GPtrArray *argv = make_argv(&remotes[i], alias, is_ipv6 ? "-6" : "-4");
		g_ptr_array_add(argvs, argv);
		commands[i].argv = (const char *const *)argv->pdata;
		commands[i].largest = remotes[i].largest;
	}
	if (!tune_command_run_all(root, commands, n_remotes, input, timeout_ms, error))
		return FALSE;
	for (guint i = 0; i < n_remotes; i++) {
		remotes[i].answer = g_steal_pointer(&commands[i].answer);
		remotes[i].reason = commands[i].error ? explain_failure(&commands[i], timeout_ms)
						      : NULL;
		tune_command_result_clear(&commands[i]);
	}
	return TRUE;
}
