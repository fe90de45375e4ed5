/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

/* Ganeti answers within 0.5 s; an overloaded master is not waited for. */
#define QUERY_TIMEOUT_MS 5000

#define N_NODE_FIELDS 10
#define N_INSTANCE_FIELDS 8

/* The values of fields without data: gnt-node(8), "list". */
#define NO_DATA "?"
#define NOT_AVAILABLE "-"
#define OFFLINE "*"

/* ---- the master ---- */

gboolean tune_cluster_check_master(TuneRoot *root, GError **error)
{
	g_autofree char *master = tune_cluster_read(root, "master_node", error);
	g_autofree char *node = master ? tune_ganeti_node_name(root, error) : NULL;

	if (!node)
		return FALSE;
	if (strcmp(master, node) == 0)
		return TRUE;
	return tune_fail(
		error, TUNE_ERROR_INVALID,
		"%s is not the master node: run it on %s, or see gnt-cluster master-failover", node,
		master);
}

/* ---- lists ---- */

typedef gpointer ParseRow(char *const *fields);

/* Tags, names and addresses have no "|" (lib/objects.py, VALID_TAG_RE).  A field that may have one has to be the last. */
static gboolean add_rows(GPtrArray *rows, const char *answer, guint n_fields, ParseRow *parse,
			 GError **error)
{
	g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);

	for (char **line = lines; *line; line++) {
		if (!**line)
			continue;
		g_auto(GStrv) fields = g_strsplit(*line, "|", (gint)n_fields);
		if (g_strv_length(fields) != n_fields || !*fields[0]) {
			g_autofree char *clean = tune_error_clean(*line);
			return tune_fail(error, TUNE_ERROR_INVALID,
					 "not a line of Ganeti's list: '%s'", clean);
		}
		g_ptr_array_add(rows, parse(fields));
	}
	return TRUE;
}

static GPtrArray *query_list(TuneRoot *root, const char *program, const char *fields,
			     guint n_fields, ParseRow *parse, GDestroyNotify free_row,
			     GError **error)
{
	const char *const argv[] = { program, "list", "--no-headers", "--separator=|", "-o",
				     fields,  NULL };
	g_autofree char *answer = tune_command_read(root, argv, QUERY_TIMEOUT_MS, error);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);

	if (!answer || !add_rows(rows, answer, n_fields, parse, error))
		return NULL;
	return g_steal_pointer(&rows);
}

static gboolean is_yes(const char *field)
{
	return strcmp(field, "Y") == 0;
}

static char *dup_known(const char *field)
{
	gboolean is_unknown = strcmp(field, NO_DATA) == 0 || strcmp(field, NOT_AVAILABLE) == 0 ||
			      strcmp(field, OFFLINE) == 0;

	return is_unknown ? NULL : g_strdup(field);
}

static char **split_list(const char *field)
{
	g_autofree char *known = dup_known(field);

	return g_strsplit(known ? known : "", ",", -1);
}

/* ---- nodes ---- */

static void free_node(gpointer data)
{
	TuneNode *node = data;

	g_free(node->name);
	g_free(node->secondary_ip);
	g_free(node->group);
	g_strfreev(node->tags);
	g_free(node);
}

static gpointer parse_node(char *const *fields)
{
	TuneNode *node = g_new(TuneNode, 1);

	*node = (TuneNode){
		.name = g_strdup(fields[0]),
		.role = *fields[1],
		.is_master = is_yes(fields[2]),
		.is_offline = is_yes(fields[3]),
		.is_drained = is_yes(fields[4]),
		.is_vm_capable = is_yes(fields[5]),
		.secondary_ip = g_strdup(fields[6]),
		.ssh_port = (guint)g_ascii_strtoull(fields[7], NULL, 10),
		.tags = split_list(fields[8]),
		.group = g_strdup(fields[9]),
	};
	return node;
}

/* A list without the master is not whole, and the nodes that are missing would be taken for removed ones. */
GPtrArray *tune_cluster_list_nodes(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) nodes = query_list(
		root, "gnt-node",
		"name,role,master,offline,drained,vm_capable,sip,ndp/ssh_port,tags,group",
		N_NODE_FIELDS, parse_node, free_node, error);

	if (!nodes)
		return NULL;
	for (guint i = 0; i < nodes->len; i++)
		if (((const TuneNode *)nodes->pdata[i])->is_master)
			return g_steal_pointer(&nodes);
	return tune_fail_null(error, TUNE_ERROR_INVALID, "gnt-node list: no master among %u nodes",
			      nodes->len);
}

/* ---- instances ---- */

static void free_instance(gpointer data)
{
	TuneInstance *instance = data;

	g_free(instance->name);
	g_free(instance->primary);
	g_strfreev(instance->secondaries);
	g_free(instance->status);
	g_free(instance->hypervisor);
	g_free(instance->disk_template);
	g_strfreev(instance->tags);
	g_free(instance->cpu_type);
	g_free(instance);
}

static gpointer parse_instance(char *const *fields)
{
	TuneInstance *instance = g_new(TuneInstance, 1);

	*instance = (TuneInstance){
		.name = g_strdup(fields[0]),
		.primary = g_strdup(fields[1]),
		.secondaries = split_list(fields[2]),
		.status = dup_known(fields[3]),
		.hypervisor = g_strdup(fields[4]),
		.disk_template = g_strdup(fields[5]),
		.tags = split_list(fields[6]),
		.cpu_type = dup_known(fields[7]),
	};
	return instance;
}

GPtrArray *tune_cluster_list_instances(TuneRoot *root, gboolean is_live, GError **error)
{
	return query_list(
		root, "gnt-instance",
		is_live ? "name,pnode,snodes,status,hypervisor,disk_template,tags,hv/cpu_type"
			: "name,pnode,snodes,admin_state,hypervisor,disk_template,tags,hv/cpu_type",
		N_INSTANCE_FIELDS, parse_instance, free_instance, error);
}

static gpointer copy_fields(char *const *fields)
{
	return g_strdupv((char **)fields);
}

static void free_fields(gpointer fields)
{
	g_strfreev(fields);
}

GPtrArray *tune_cluster_list_parameters(TuneRoot *root, const char *const *names, GError **error)
{
	g_autoptr(GString) fields = g_string_new("name");
	guint n_fields = 1;

	for (; *names; names++, n_fields++)
		g_string_append_printf(fields, ",hv/%s", *names);
	return query_list(root, "gnt-instance", fields->str, n_fields, copy_fields, free_fields,
			  error);
}

/* ---- migrations ---- */

/* Source: Ganeti, lib/constants.py, DTS_MIRRORED; disks of other templates are on one node only. */
gboolean tune_cluster_can_migrate(const TuneInstance *instance)
{
	static const char *const templates[] = { "drbd",    "sharedfile", "diskless", "blockdev",
						 "gluster", "rbd",        "ext",      NULL };

	return g_strcmp0(instance->hypervisor, "kvm") == 0 &&
	       g_strv_contains(templates, instance->disk_template);
}

/* Source: Ganeti, lib/cmdlib/instance_migration.py, TLMigrateInstance. */
const char *tune_cluster_why_not(const TuneInstance *instance, const TuneNode *target)
{
	gboolean is_drbd = strcmp(instance->disk_template, "drbd") == 0;

	if (!tune_cluster_can_migrate(instance))
		return "is not migrated live: its disks are on one node, or KVM does not run it";
	if (strcmp(instance->primary, target->name) == 0)
		return "is its node already";
	if (is_drbd && !g_strv_contains((const char *const *)instance->secondaries, target->name))
		return "has no copy of its disks";
	if (target->is_offline)
		return "is offline";
	if (target->is_drained)
		return "is drained";
	return target->is_vm_capable ? NULL : "is not vm_capable";
}

gboolean tune_cluster_is_target(const TuneInstance *instance, const TuneNode *source,
				const TuneNode *target)
{
	return !tune_cluster_why_not(instance, target) &&
	       (*instance->secondaries || strcmp(source->group, target->group) == 0);
}
