/* SPDX-License-Identifier: BSD-2-Clause */
/** What Ganeti says of this node and of the cluster, and what it takes.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_GANETI_H
#define TUNE_PUBLIC_GANETI_H

#include <glib.h>

#include <libtune/tune-base.h>

G_BEGIN_DECLS

/* ---- Ganeti ---- */

/**
 * tune_ganeti_node_name: this node's name as the cluster knows it; free it.
 *
 * The kernel's host name; where that is short, the one name of ssconf_node_list that starts with it.
 */
char *tune_ganeti_node_name(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_ganeti_has_address: whether an interface of the host below @root, other than the loopback, has the address @ip. */
gboolean tune_ganeti_has_address(TuneRoot *root, const char *ip);

/**
 * tune_ganeti_get_cpu_type: the cluster's own cpu_type for KVM, which instances without one of their own
 * start with; free it.  "" is QEMU's default.  From ssconf_hvparams_kvm, which may lag by a few seconds.
 */
char *tune_ganeti_get_cpu_type(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_ganeti_get_machine: the cluster's own machine_version for KVM; free it.  NULL when it is not set, and each guest
 * gets the newest machine type of the QEMU that starts it, and when it is not known.  From ssconf_hvparams_kvm.
 */
char *tune_ganeti_get_machine(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_ganeti_set_cpu_type: submit the job that makes @type the cpu_type of @instance, or the cluster's own
 * when that is NULL.  Only on the master.
 *
 * The job is not waited for: a hook's own operation may hold the lock it needs.  Running guests keep the
 * CPU they have until they are started anew.  Errors: TUNE_ERROR_INVALID for what cannot be the name of an
 * instance or a type; else the command's last line, or TUNE_ERROR_TIMEOUT.
 */
gboolean tune_ganeti_set_cpu_type(TuneRoot *root, const char *instance, const char *type,
				  GError **error);

/* ---- hooks ---- */

/**
 * What Ganeti makes of one of our hooks.
 *
 * @TUNE_HOOK_ENABLED: there is a link to it, and Ganeti runs it
 * @TUNE_HOOK_DISABLED: switched off; `make install` leaves it so
 * @TUNE_HOOK_ABSENT: nothing links to it
 * @TUNE_HOOK_BROKEN: there is a link, and Ganeti skips it, or it is another hook's; the note says why
 * @TUNE_HOOK_FOREIGN: what has its place is somebody else's
 */
typedef enum {
	TUNE_HOOK_ENABLED,
	TUNE_HOOK_DISABLED,
	TUNE_HOOK_ABSENT,
	TUNE_HOOK_BROKEN,
	TUNE_HOOK_FOREIGN,
} TuneHookState;

/** "enabled", "disabled", "absent", "broken", "foreign". */
const char *tune_hook_state_name(TuneHookState state);

/**
 * @name: "instance-migrate-pre"; lives as long as the program
 * @link: below the root, where it is or should be
 * @target: what the link says; NULL when it is none
 * @note: why Ganeti does not run it, and the way out; NULL when it does, or should not
 */
typedef struct {
	const char *name;
	TuneHookState state;
	char *link;
	char *target;
	char *note;
} TuneHook;

/**
 * tune_hooks_list: all our hooks; array of TuneHook, unref it.
 *
 * One that is linked twice stands there twice.  Looks where Ganeti does, as far as its own constants can be
 * read (Debian), else where this was built to install hooks.
 */
GPtrArray *tune_hooks_list(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_hook_enable: link @name where Ganeti finds it.
 *
 * Only links of ours are ever replaced or removed: TUNE_ERROR_REFUSED names what is somebody else's.
 * TUNE_ERROR_INVALID: there is no such hook.
 */
gboolean tune_hook_enable(TuneRoot *root, const char *name, GError **error);

/** tune_hook_disable: give its link a name that Ganeti skips; also where there was none.  Errors as above. */
gboolean tune_hook_disable(TuneRoot *root, const char *name, GError **error);

/** tune_hook_try: whether one of these two could, by @state; their errors, and nothing is written. */
gboolean tune_hook_try(TuneRoot *root, const char *name, TuneHookState state, GError **error);

/**
 * tune_hook_make_environment: what Ganeti would give to the hook @name, and nothing else; g_strfreev() it.
 *
 * @assignments: "KEY=VALUE", with or without "GANETI_" before it; a NULL ends them.  They come on top of
 * what is always there; cluster and master are from ssconf, as far as that is there.
 *
 * TUNE_ERROR_INVALID names what the hook needs and was not given.
 */
char **tune_hook_make_environment(TuneRoot *root, const char *name, const char *const *assignments,
				  GError **error);

/**
 * tune_hook_exec: become the hook @name, as Ganeti starts it: working directory, umask, no input.  Returns
 * only when that fails.  It works on the host below @root.
 */
gboolean tune_hook_exec(TuneRoot *root, const char *name, const char *const *environment,
			gboolean is_dry_run, GError **error);

/**
 * tune_hook_run_on: run a hook on another node, over the ssh of the cluster; only the master can.
 *
 * @link: what Ganeti runs, "/etc/ganeti/hooks/mirrors-replace-post.d/50-tune"
 * @environment: "NAME=VALUE", what it finds beside what ssh gives; a NULL ends them
 *
 * A node that has no such program has switched the hook off, as for Ganeti: TRUE.  When the hook fails, the error
 * says what it has printed; when it cannot be run, why not, with the node.
 */
gboolean tune_hook_run_on(TuneRoot *root, const char *node, const char *link,
			  const char *const *environment, guint timeout_ms, GError **error);

/* ---- the cluster ---- */

/**
 * A node, as Ganeti has it in its configuration.
 *
 * @role: "M" master, "C" candidate for it, "R" regular, "D" drained, "O" offline
 * @secondary_ip: where replication goes; the primary one where there is no other
 * @ssh_port: 0 when Ganeti does not say
 * @tags: in Ganeti's order; NULL ends them
 */
typedef struct {
	char *name;
	char role;
	gboolean is_master;
	gboolean is_offline;
	gboolean is_drained;
	gboolean is_vm_capable;
	char *secondary_ip;
	guint ssh_port;
	char *group;
	char **tags;
} TuneNode;

/**
 * An instance.
 *
 * @primary: its node; @secondaries: where DRBD holds a copy of its disks; NULL ends them
 * @status: "running", "ERROR_down", "ADMIN_down", ... as gnt-instance(8) lists them; NULL when not known
 * @hypervisor: "kvm", "xen-pvm", "fake", ...
 * @cpu_type: as configured, of its own or of the cluster; "" is QEMU's default, NULL when the hypervisor has none
 */
typedef struct {
	char *name;
	char *primary;
	char **secondaries;
	char *status;
	char *hypervisor;
	char *disk_template;
	char **tags;
	char *cpu_type;
} TuneInstance;

/**
 * tune_cluster_check_master: that the host below @root is the master, which alone answers for the cluster.
 *
 * TUNE_ERROR_INVALID names the one that is; TUNE_ERROR_ABSENT on what is no node of a cluster.
 */
gboolean tune_cluster_check_master(TuneRoot *root, GError **error);

/** tune_cluster_list_nodes: asked of gnt-node; array of TuneNode, unref it.  Only on the master. */
GPtrArray *tune_cluster_list_nodes(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cluster_list_instances: asked of gnt-instance; array of TuneInstance, unref it.  Only on the master.
 *
 * @is_live: Ganeti asks the nodes what runs, which one that is down can hold up: TUNE_ERROR_TIMEOUT.
 *   Otherwise status is what the administrator wants: "up", "down", "offline".
 */
GPtrArray *tune_cluster_list_instances(TuneRoot *root, gboolean is_live,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
