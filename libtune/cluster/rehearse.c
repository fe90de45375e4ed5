/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks the gate about a migration without migrating: each node that would take part runs its hook with the variables
 * that Ganeti would set.  Decides nothing itself.
 */
#include <string.h>

#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/cluster/survey.h>

#define HOOK "gnt-tune hooks run --dry-run instance-migrate-pre"

/* The beginning of every line of a hook.  Other output does not come from the gate. */
#define HOOK_PREFIX "tune: "

const char *tune_move_verdict_name(TuneMoveVerdict verdict)
{
	static const char *const names[] = {
		[TUNE_MOVE_ALLOWED] = "allowed",
		[TUNE_MOVE_UNKNOWN] = "unknown",
		[TUNE_MOVE_REFUSED] = "refused",
	};

	return names[verdict];
}

static void free_move(gpointer data)
{
	TuneMove *move = data;

	g_free(move->target);
	g_free(move->note);
	g_free(move);
}

/* Of several answers the worst one counts, with the notes of all nodes that gave it. */
static void add_answer(TuneMove *move, TuneMoveVerdict verdict, const char *note)
{
	if (verdict < move->verdict)
		return;
	if (verdict > move->verdict)
		g_clear_pointer(&move->note, g_free);
	move->verdict = verdict;
	if (!*note)
		return;
	char *joined = move->note ? g_strjoin("; ", move->note, note, NULL) : g_strdup(note);
	g_free(move->note);
	move->note = joined;
}

/* ---- questions ---- */

static void append_variable(GString *command, const char *name, const char *value)
{
	g_autofree char *quoted = g_shell_quote(value ? value : "");

	g_string_append_printf(command, " %s=%s", name, quoted);
}

static char *make_command(const TuneInstance *instance, const char *target, const char *master)
{
	GString *command = g_string_new(HOOK);
	g_autofree char *tags = g_strjoinv(" ", instance->tags);

	append_variable(command, "MASTER", master);
	append_variable(command, "INSTANCE_NAME", instance->name);
	append_variable(command, "INSTANCE_HYPERVISOR", instance->hypervisor);
	append_variable(command, "INSTANCE_HV_cpu_type", instance->cpu_type);
	append_variable(command, "INSTANCE_TAGS", tags);
	append_variable(command, "OLD_PRIMARY", instance->primary);
	append_variable(command, "NEW_PRIMARY", target);
	return g_string_free(command, FALSE);
}

static gboolean takes_part(const TuneNode *node, const TuneInstance *instance, const char *target)
{
	return node->is_master || strcmp(node->name, instance->primary) == 0 ||
	       strcmp(node->name, target) == 0;
}

/* The moves that Ganeti itself would refuse are left out. */
static char *make_script(const TuneNode *node, const TuneInstance *instance, const GPtrArray *moves,
			 const char *master)
{
	GString *script = g_string_new(NULL);

	for (guint i = 0; i < moves->len; i++) {
		const TuneMove *move = moves->pdata[i];
		if (move->verdict == TUNE_MOVE_REFUSED || !takes_part(node, instance, move->target))
			continue;
		g_autofree char *command = make_command(instance, move->target, master);
		tune_script_add(script, move->target, command);
	}
	return g_string_free(script, FALSE);
}

/* ---- answers ---- */

/** @is_answered: whether @node has answered, for each of @moves */
typedef struct {
	const char *node;
	GPtrArray *moves;
	gboolean *is_answered;
} Reading;

/* Joins the lines "tune: NODE: TEXT". */
static char *join_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *joined = g_string_new(NULL);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, HOOK_PREFIX))
			g_string_append_printf(joined, "%s%s", joined->len ? "; " : "",
					       *line + strlen(HOOK_PREFIX));
	g_autofree char *clean = tune_error_clean(joined->str);
	g_string_assign(joined, clean);
	return g_string_free(joined, FALSE);
}

static void add_result(TuneMove *move, const char *node, char *text, int status)
{
	g_autofree char *lines = join_lines(text);

	if (status == 0 || (status == 1 && *lines)) {
		add_answer(move, status ? TUNE_MOVE_REFUSED : TUNE_MOVE_ALLOWED, lines);
		return;
	}
	g_autofree char *why = tune_script_explain(text, status);
	g_autofree char *note = g_strdup_printf("%s: %s", node, why);
	add_answer(move, TUNE_MOVE_UNKNOWN, note);
}

static void read_result(gpointer user, const char *name, char *text, int status)
{
	Reading *reading = user;

	for (guint i = 0; i < reading->moves->len; i++) {
		TuneMove *move = reading->moves->pdata[i];
		if (strcmp(move->target, name) != 0 || reading->is_answered[i])
			continue;
		reading->is_answered[i] = TRUE;
		add_result(move, reading->node, text, status);
	}
}

static void read_answers(const TuneRemote *remote, const TuneInstance *instance, GPtrArray *moves)
{
	g_autofree gboolean *is_answered = g_new0(gboolean, moves->len);
	Reading reading = { remote->node->name, moves, is_answered };
	g_autofree char *note = g_strdup_printf("%s: %s", remote->node->name,
						remote->reason ? remote->reason : "no answer");

	if (!remote->reason)
		tune_script_split(remote->answer, read_result, &reading);
	for (guint i = 0; i < moves->len; i++) {
		TuneMove *move = moves->pdata[i];
		if (!is_answered[i] && takes_part(remote->node, instance, move->target))
			add_answer(move, TUNE_MOVE_UNKNOWN, note);
	}
}

/* ---- the whole question ---- */

static const TuneNode *find_node(const GPtrArray *nodes, const char *name)
{
	for (guint i = 0; i < nodes->len; i++)
		if (strcmp(((const TuneNode *)nodes->pdata[i])->name, name) == 0)
			return nodes->pdata[i];
	return NULL;
}

char **tune_cluster_list_targets(const GPtrArray *nodes, const TuneInstance *instance,
				 GError **error)
{
	const TuneNode *source = find_node(nodes, instance->primary);
	g_autoptr(GStrvBuilder) targets = g_strv_builder_new();

	for (guint i = 0; source && i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		if (tune_cluster_is_target(instance, source, node))
			g_strv_builder_add(targets, node->name);
	}
	g_auto(GStrv) names = g_strv_builder_end(targets);
	if (*names)
		return g_steal_pointer(&names);
	return tune_fail_null(error, TUNE_ERROR_INVALID, "%s %s, see gnt-instance info",
			      instance->name,
			      tune_cluster_can_migrate(instance)
				      ? "has no other node that is online, not drained, vm_capable"
				      : tune_cluster_why_not(instance, source));
}

static GPtrArray *make_moves(const GPtrArray *nodes, const TuneInstance *instance,
			     const char *const *targets)
{
	GPtrArray *moves = g_ptr_array_new_with_free_func(free_move);

	for (; *targets; targets++) {
		TuneMove *move = g_new0(TuneMove, 1);
		const TuneNode *target = find_node(nodes, *targets);
		const char *why_not = target ? tune_cluster_why_not(instance, target)
					     : "is not a node of this cluster";
		move->target = g_strdup(*targets);
		g_ptr_array_add(moves, move);
		if (why_not)
			add_answer(move, TUNE_MOVE_REFUSED, why_not);
	}
	return moves;
}

GPtrArray *tune_cluster_rehearse(TuneRoot *root, const GPtrArray *nodes,
				 const TuneInstance *instance, const char *const *targets,
				 guint timeout_ms, GError **error)
{
	g_autofree char *master = tune_cluster_read(root, "master_node", error);
	g_autoptr(GPtrArray) moves = make_moves(nodes, instance, targets);
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, nodes->len);

	for (guint i = 0; master && i < nodes->len; i++) {
		g_autofree char *script = make_script(nodes->pdata[i], instance, moves, master);
		if (!*script)
			continue;
		remotes[scripts->len].node = nodes->pdata[i];
		remotes[scripts->len].command = script;
		g_ptr_array_add(scripts, g_steal_pointer(&script));
	}
	if (!master || !tune_remote_run(root, remotes, scripts->len, NULL, timeout_ms, error))
		return NULL;
	for (guint i = 0; i < scripts->len; i++) {
		read_answers(&remotes[i], instance, moves);
		tune_remote_clear(&remotes[i]);
	}
	return g_steal_pointer(&moves);
}
