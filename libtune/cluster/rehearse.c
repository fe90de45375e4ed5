/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A migration that is only talked of: each node that would take part runs its hook with the environment that
 * Ganeti would give it, so that the answer is the gate's own.
 */
#include <string.h>

#include <libtune/ganeti/lists.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/cluster/survey.h>

#define HOOK "gnt-tune hooks run --dry-run instance-migrate-pre"

/* How every line of a hook begins; who else says something has not asked the gate. */
#define SPEAKS "tune: "

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

/* The worst answer stands, with all that was said of it. */
static void answer(TuneMove *move, TuneMoveVerdict verdict, const char *note)
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

/* ---- what is asked ---- */

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

/* @moves that Ganeti itself would not begin are not asked about. */
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

/* ---- what is answered ---- */

/** @is_answered: for each of @moves, by the node that is listened to */
typedef struct {
	const char *node;
	GPtrArray *moves;
	gboolean *is_answered;
} Listening;

/* "tune: NODE: TEXT" for each line; the instance and the target are known. */
static char *join_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *joined = g_string_new(NULL);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, SPEAKS))
			g_string_append_printf(joined, "%s%s", joined->len ? "; " : "",
					       *line + strlen(SPEAKS));
	g_autofree char *clean = tune_error_clean(joined->str);
	g_string_assign(joined, clean);
	return g_string_free(joined, FALSE);
}

static void answer_for(TuneMove *move, const char *node, char *text, int status)
{
	g_autofree char *lines = join_lines(text);

	if (status == 0 || (status == 1 && *lines)) {
		answer(move, status ? TUNE_MOVE_REFUSED : TUNE_MOVE_ALLOWED, lines);
		return;
	}
	g_autofree char *why = tune_script_explain(text, status);
	g_autofree char *note = g_strdup_printf("%s: %s", node, why);
	answer(move, TUNE_MOVE_UNKNOWN, note);
}

static void take(gpointer user, const char *name, char *text, int status)
{
	Listening *listening = user;

	for (guint i = 0; i < listening->moves->len; i++) {
		TuneMove *move = listening->moves->pdata[i];
		if (strcmp(move->target, name) != 0 || listening->is_answered[i])
			continue;
		listening->is_answered[i] = TRUE;
		answer_for(move, listening->node, text, status);
	}
}

static void listen(const TuneRemote *remote, const TuneInstance *instance, GPtrArray *moves)
{
	g_autofree gboolean *is_answered = g_new0(gboolean, moves->len);
	Listening listening = { remote->node->name, moves, is_answered };
	g_autofree char *note = g_strdup_printf("%s: %s", remote->node->name,
						remote->reason ? remote->reason : "no answer");

	if (!remote->reason)
		tune_script_split(remote->answer, take, &listening);
	for (guint i = 0; i < moves->len; i++) {
		TuneMove *move = moves->pdata[i];
		if (!is_answered[i] && takes_part(remote->node, instance, move->target))
			answer(move, TUNE_MOVE_UNKNOWN, note);
	}
}

/* ---- together ---- */

static const TuneNode *find(const GPtrArray *nodes, const char *name)
{
	for (guint i = 0; i < nodes->len; i++)
		if (strcmp(((const TuneNode *)nodes->pdata[i])->name, name) == 0)
			return nodes->pdata[i];
	return NULL;
}

char **tune_cluster_list_targets(const GPtrArray *nodes, const TuneInstance *instance,
				 GError **error)
{
	const TuneNode *source = find(nodes, instance->primary);
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

static GPtrArray *begin(const GPtrArray *nodes, const TuneInstance *instance,
			const char *const *targets)
{
	GPtrArray *moves = g_ptr_array_new_with_free_func(free_move);

	for (; *targets; targets++) {
		TuneMove *move = g_new0(TuneMove, 1);
		const TuneNode *target = find(nodes, *targets);
		const char *why_not = target ? tune_cluster_why_not(instance, target)
					     : "is no node of this cluster";
		move->target = g_strdup(*targets);
		g_ptr_array_add(moves, move);
		if (why_not)
			answer(move, TUNE_MOVE_REFUSED, why_not);
	}
	return moves;
}

GPtrArray *tune_cluster_rehearse(TuneRoot *root, const GPtrArray *nodes,
				 const TuneInstance *instance, const char *const *targets,
				 guint timeout_ms, GError **error)
{
	g_autofree char *master = tune_cluster_read(root, "master_node", error);
	g_autoptr(GPtrArray) moves = begin(nodes, instance, targets);
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
		listen(&remotes[i], instance, moves);
		tune_remote_clear(&remotes[i]);
	}
	return g_steal_pointer(&moves);
}
