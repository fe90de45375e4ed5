/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks all nodes at once: for settings, hooks, records, CPU, LVM and guests.  Knows how to read the answers; whether
 * they are good, the audit decides.
 */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/cluster/ledger.h>
#include <libtune/cluster/survey.h>
#include <libtune/qemu/guest.h>

/* No setting, name or note has a tab. */
#define TAB "\t"
#define ROWS " --no-headers --separator='" TAB "' -o "

static void free_report(gpointer data)
{
	TuneNodeReport *report = data;

	g_free(report->node);
	g_free(report->reason);
	g_free(report->machine);
	g_free(report->digest);
	g_free(report->lvm_config);
	g_clear_pointer(&report->ledger, g_ptr_array_unref);
	tune_cpu_free(report->cpu);
	g_ptr_array_unref(report->drifts);
	g_ptr_array_unref(report->guests);
	g_ptr_array_unref(report->hooks);
	g_ptr_array_unref(report->faults);
	g_free(report);
}

static TuneNodeReport *new_report(const char *node)
{
	TuneNodeReport *report = g_new0(TuneNodeReport, 1);

	report->node = g_strdup(node);
	report->drifts = g_ptr_array_new_with_free_func(g_free);
	report->guests = g_ptr_array_new_with_free_func(tune_running_guest_free);
	report->hooks = g_ptr_array_new_with_free_func(g_free);
	report->faults = g_ptr_array_new_with_free_func(g_free);
	return report;
}

/* ---- answers ---- */

static char *dup_known(const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : g_strdup(field);
}

static gboolean is_verdict(const char *text, TuneVerdict verdict)
{
	return strcmp(text, tune_verdict_name(verdict)) == 0;
}

/* As tune_step_is_fault() of a plan. */
static gboolean is_fault(const char *verdict)
{
	return !is_verdict(verdict, TUNE_VERDICT_SAME) &&
	       !is_verdict(verdict, TUNE_VERDICT_ABSENT) &&
	       !is_verdict(verdict, TUNE_VERDICT_NOT_PERMITTED);
}

/* param, object, have, want, verdict */
static void read_setting(TuneNodeReport *report, char *const *fields)
{
	g_autofree char *object = dup_known(fields[1]);
	g_autofree char *have = dup_known(fields[2]);

	report->n_settings++;
	if (!is_fault(fields[4]))
		return;
	gboolean is_compared = have && !is_verdict(fields[4], TUNE_VERDICT_CONTESTED);
	g_autofree char *values = is_compared ? g_strdup_printf("have %s want %s", have, fields[3])
					      : g_strdup(fields[4]);
	g_ptr_array_add(report->drifts,
			g_strdup_printf("%s%s%s %s", fields[0], object ? " of " : "",
					object ? object : "", values));
}

/* 0 when unknown */
static gint64 read_time(const char *field)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(field, utc);

	return time ? g_date_time_to_unix(time) : 0;
}

/* instance, cpu_type, kvm, started, qemu, hvparams, note */
#define N_GUEST_FIELDS 7

static TuneRunningGuest *parse_guest(char *const *fields)
{
	TuneRunningGuest *guest = g_new(TuneRunningGuest, 1);

	*guest = (TuneRunningGuest){
		.instance = g_strdup(fields[0]),
		.cpu_type = dup_known(fields[1]),
		.is_kvm = strcmp(fields[2], "yes") == 0,
		.started = read_time(fields[3]),
		.qemu = dup_known(fields[4]),
		.hvparams = dup_known(fields[5]),
		.note = dup_known(fields[6]),
	};
	return guest;
}

GPtrArray *tune_survey_read_guests(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GPtrArray *guests = g_ptr_array_new_with_free_func(tune_running_guest_free);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, TAB, -1);
		if (g_strv_length(fields) == N_GUEST_FIELDS)
			g_ptr_array_add(guests, parse_guest(fields));
	}
	return guests;
}

/* hook, state, note */
static void read_hook(TuneNodeReport *report, char *const *fields)
{
	if (strcmp(fields[1], tune_hook_state_name(TUNE_HOOK_ENABLED)) == 0)
		report->n_hooks++;
	else if (strcmp(fields[1], tune_hook_state_name(TUNE_HOOK_DISABLED)) != 0)
		g_ptr_array_add(report->hooks,
				g_strdup_printf("%s is %s: %s", fields[0], fields[1], fields[2]));
}

static void read_rows(TuneNodeReport *report, const char *text, guint n_fields,
		      void read_row(TuneNodeReport *report, char *const *fields))
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, TAB, -1);
		if (g_strv_length(fields) == n_fields)
			read_row(report, fields);
	}
}

static void read_settings(TuneNodeReport *report, const char *text)
{
	read_rows(report, text, 5, read_setting);
}

static void read_guests(TuneNodeReport *report, const char *text)
{
	g_ptr_array_unref(report->guests);
	report->guests = tune_survey_read_guests(text);
}

static void read_hooks(TuneNodeReport *report, const char *text)
{
	read_rows(report, text, 3, read_hook);
}

/* What a node says in place of its CPU when it is no x86 machine. */
#define MACHINE "machine "

static void read_cpu(TuneNodeReport *report, const char *text)
{
	g_autoptr(GError) error = NULL;

	if (g_str_has_prefix(text, MACHINE)) {
		g_autofree char *machine = g_strstrip(g_strdup(text + strlen(MACHINE)));
		report->machine = tune_error_clean(machine);
		return;
	}
	report->cpu = tune_cpu_parse_record(text, strlen(text), "its answer", &error);
	if (!report->cpu)
		g_ptr_array_add(report->faults, g_strdup_printf("its CPU: %s", error->message));
}

static void read_digest(TuneNodeReport *report, const char *text)
{
	report->digest = g_strchomp(g_strdup(text));
}

static void read_lvm(TuneNodeReport *report, const char *text)
{
	report->lvm_config = g_strdup(text);
}

/* A damaged line is no loss; cluster ledger counts it. */
static void read_ledger(TuneNodeReport *report, const char *text)
{
	guint n_damaged;

	report->ledger = tune_ledger_parse(text, tune_ledger_since(), &n_damaged);
}

/* ---- questions ---- */

/**
 * @is_vm: only nodes that can run guests are asked
 * @differs: the exit status that is no failure, besides 0
 * @what: names the question in messages
 */
typedef struct {
	const char *name;
	const char *command;
	gboolean is_vm;
	int differs;
	const char *what;
	void (*read)(TuneNodeReport *report, const char *text);
} Question;

/*
 * Without LVM, or without a volume group, a node has no volume group with which a guest's could be confused.  LVM uses
 * its list of devices only when the file exists (lvmdevices(8)); older releases do not print the option.
 */
#define LVM_COMMAND                                                                                \
	"if command -v vgs >/dev/null; then "                                                      \
	"groups=$(timeout 5 vgs --noheadings -o name 2>/dev/null) || { echo vgs gives no answer; " \
	"false; } && "                                                                             \
	"if [ -n \"$groups\" ]; then "                                                             \
	"[ -e /etc/lvm/devices/system.devices ] || echo use_devicesfile=0; "                       \
	"lvmconfig --typeconfig full devices/filter devices/global_filter "                        \
	"devices/use_devicesfile 2>/dev/null; true; fi; fi"

#define CPU_COMMAND                                                                                \
	"case $(uname -m) in x86_64|i?86) gnt-tune cpu record;; *) echo " MACHINE                  \
	"$(uname -m);; esac"

/* clang-format off */
static const Question questions[] = {
	{ "settings", "gnt-tune verify --verbose" ROWS "param,object,have,want,verdict", FALSE, 4, "its settings", read_settings },
	{ "hooks", "gnt-tune hooks list" ROWS "hook,state,note", FALSE, 4, "its hooks", read_hooks },
	{ "records", "gnt-tune cpu digest", FALSE, 0, "the records it holds", read_digest },
	{ "cpu", CPU_COMMAND, TRUE, 0, "its CPU", read_cpu },
	{ "lvm", LVM_COMMAND, FALSE, 0, "its LVM", read_lvm },
	{ "guests", TUNE_GUESTS_COMMAND, TRUE, 0, "its guests", read_guests },
	{ "ledger", TUNE_LEDGER_COMMAND, FALSE, 0, "the migrations it has judged", read_ledger },
};
/* clang-format on */

#define N_QUESTIONS G_N_ELEMENTS(questions)

typedef struct {
	TuneNodeReport *report;
	gboolean is_answered[N_QUESTIONS];
} Reading;

static void read_result(gpointer user, const char *name, char *text, int status)
{
	Reading *reading = user;

	for (guint i = 0; i < N_QUESTIONS; i++) {
		const Question *question = &questions[i];
		if (strcmp(question->name, name) != 0)
			continue;
		reading->is_answered[i] = TRUE;
		if (status == 0 || status == question->differs) {
			question->read(reading->report, text);
			continue;
		}
		g_autofree char *why = tune_script_explain(text, status);
		g_ptr_array_add(reading->report->faults,
				g_strdup_printf("%s: %s", question->what, why));
	}
}

static gboolean is_asked(const Question *question, const TuneNode *node)
{
	return !question->is_vm || node->is_vm_capable;
}

static void read_answer(TuneNodeReport *report, TuneRemote *remote)
{
	Reading reading = { .report = report };

	report->reason = g_steal_pointer(&remote->reason);
	if (report->reason)
		return;
	tune_script_split(remote->answer, read_result, &reading);
	for (guint i = 0; i < N_QUESTIONS; i++)
		if (is_asked(&questions[i], remote->node) && !reading.is_answered[i])
			g_ptr_array_add(report->faults,
					g_strdup_printf("%s: no answer", questions[i].what));
}

static char *make_script(const TuneNode *node)
{
	GString *script = g_string_new(NULL);

	for (guint i = 0; i < N_QUESTIONS; i++)
		if (is_asked(&questions[i], node))
			tune_script_add(script, questions[i].name, questions[i].command);
	return g_string_free(script, FALSE);
}

GPtrArray *tune_cluster_survey(TuneRoot *root, const GPtrArray *nodes, guint timeout_ms,
			       GError **error)
{
	g_autoptr(GPtrArray) reports = g_ptr_array_new_with_free_func(free_report);
	g_autoptr(GPtrArray) asked = g_ptr_array_new();
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, nodes->len);

	for (guint i = 0; i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		TuneNodeReport *report = new_report(node->name);
		g_ptr_array_add(reports, report);
		if (node->is_offline) {
			report->reason = g_strdup("is offline, and was not asked");
			continue;
		}
		g_ptr_array_add(scripts, make_script(node));
		remotes[asked->len] = (TuneRemote){ .node = node,
						    .command = scripts->pdata[scripts->len - 1] };
		g_ptr_array_add(asked, report);
	}
	if (!tune_remote_run(root, remotes, asked->len, NULL, timeout_ms, error))
		return NULL;
	for (guint i = 0; i < asked->len; i++) {
		read_answer(asked->pdata[i], &remotes[i]);
		tune_remote_clear(&remotes[i]);
	}
	return g_steal_pointer(&reports);
}
