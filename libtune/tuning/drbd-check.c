/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/ganeti/drbd-parameters.h>
#include <libtune/tuning/drbd-check.h>
#include <libtune/tuning/policy.h>

/* Defaults of the kernel (drbd_limits.h), and of Ganeti where it always sets one: no administrator has chosen them. */
#define DEFAULT_UNPLUG 128
#define DEFAULT_RESYNC_RATE 250
#define DEFAULT_C_MAX_RATE 102400
#define DEFAULT_DELAY 10
#define GANETI_DELAY 1

typedef struct {
	const TuneDrbdPolicy *policy;
	const TuneDrbd *drbd;
	gint64 link;
	GPtrArray *findings;
} Checker;

/* ---- findings ---- */

static void finding_free(gpointer data)
{
	TuneDrbdFinding *finding = data;

	g_free(finding->text);
	g_ptr_array_unref(finding->objects);
	g_free(finding);
}

static TuneDrbdFinding *get_finding(Checker *checker, const char *text)
{
	for (guint i = 0; i < checker->findings->len; i++) {
		TuneDrbdFinding *finding = checker->findings->pdata[i];
		if (strcmp(finding->text, text) == 0)
			return finding;
	}
	TuneDrbdFinding *finding = g_new(TuneDrbdFinding, 1);
	*finding = (TuneDrbdFinding){ g_strdup(text), g_ptr_array_new_with_free_func(g_free) };
	g_ptr_array_add(checker->findings, finding);
	return finding;
}

/* Minors with the same finding share it. */
static void report_fault(Checker *checker, const TuneDrbdDevice *device, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void report_fault(Checker *checker, const TuneDrbdDevice *device, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(get_finding(checker, text)->objects, g_strdup(device->name));
}

static gboolean is_in_policy(const Checker *checker, const char *option)
{
	for (guint i = 0; i < checker->policy->settings->len; i++) {
		const TuneSetting *setting = checker->policy->settings->pdata[i];
		if (strcmp(setting->key, option) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- the limits of a resync ---- */

/* With the controller on, c-max-rate is the limit; without it, resync-rate is the rate. */
static const char *get_rate_option(const TuneDrbdDevice *device)
{
	return tune_drbd_get_number(device, "disk/c-plan-ahead") == 0 ? "disk/resync-rate"
								      : "disk/c-max-rate";
}

static void lower_ceiling(gint64 *ceiling, const char **limit, gint64 rate, const char *option)
{
	if (rate <= 0 || (*ceiling >= 0 && rate >= *ceiling))
		return;
	*ceiling = rate;
	*limit = strchr(option, '/') ? strchr(option, '/') + 1 : option;
}

gint64 tune_drbd_get_ceiling(const TuneDrbdDevice *device, gint64 link, const char **ret_limit)
{
	gint64 buffers = tune_drbd_get_number(device, "net/max-buffers");
	const char *option = get_rate_option(device);
	gint64 ceiling = -1;

	*ret_limit = NULL;
	if (buffers < 0)
		return -1;
	lower_ceiling(&ceiling, ret_limit, link, "link");
	lower_ceiling(&ceiling, ret_limit, tune_drbd_get_number(device, option), option);
	lower_ceiling(&ceiling, ret_limit, buffers * TUNE_DRBD_KIB_PER_BUFFER, "max-buffers");
	return ceiling;
}

/* ---- one minor ---- */

static void check_ceiling(Checker *checker, const TuneDrbdDevice *device)
{
	gint64 buffers = tune_drbd_get_number(device, "net/max-buffers");
	const char *option = get_rate_option(device), *key = strchr(option, '/') + 1;
	gint64 rate = tune_drbd_get_number(device, option);
	gint64 through = buffers * TUNE_DRBD_KIB_PER_BUFFER;

	if (buffers < 0 || rate < 0)
		return;
	if (checker->link && rate > checker->link)
		report_fault(checker, device,
			     "%s %" G_GINT64_FORMAT
			     " KiB/s is more than the link's %" G_GINT64_FORMAT
			     ": a resync may take all of it",
			     key, rate, checker->link);
	if (through < (checker->link ? MIN(rate, checker->link) : rate))
		report_fault(checker, device,
			     "%s %" G_GINT64_FORMAT
			     " KiB/s cannot be reached: max-buffers %" G_GINT64_FORMAT
			     " let through %" G_GINT64_FORMAT,
			     key, rate, buffers, through);
}

/* Ganeti sets it by default, and the kernel's default keeps the controller on: ganeti #1229. */
static void check_resync_rate(Checker *checker, const TuneDrbdDevice *device)
{
	gint64 rate = tune_drbd_get_number(device, "disk/resync-rate");
	gint64 ahead = tune_drbd_get_number(device, "disk/c-plan-ahead");

	if (rate < 0 || rate == DEFAULT_RESYNC_RATE || ahead <= 0 ||
	    is_in_policy(checker, "disk/c-max-rate"))
		return;
	report_fault(checker, device,
		     "resync-rate %" G_GINT64_FORMAT " is ignored: c-plan-ahead %" G_GINT64_FORMAT
		     " keeps the controller on, up to c-max-rate %" G_GINT64_FORMAT,
		     rate, ahead, tune_drbd_get_number(device, "disk/c-max-rate"));
}

static void check_controller(Checker *checker, const TuneDrbdDevice *device)
{
	gint64 ahead = tune_drbd_get_number(device, "disk/c-plan-ahead");
	gint64 fill = tune_drbd_get_number(device, "disk/c-fill-target");
	gint64 delay = tune_drbd_get_number(device, "disk/c-delay-target");
	gint64 rate = tune_drbd_get_number(device, "disk/c-max-rate");

	if (ahead == 0 && rate != DEFAULT_C_MAX_RATE)
		report_fault(checker, device,
			     "c-max-rate %" G_GINT64_FORMAT
			     " is ignored: c-plan-ahead 0 turns the controller off",
			     rate);
	if (ahead > 0 && fill > 0 && delay != DEFAULT_DELAY && delay != GANETI_DELAY)
		report_fault(checker, device,
			     "c-delay-target %" G_GINT64_FORMAT
			     " is ignored while c-fill-target is %" G_GINT64_FORMAT,
			     delay, fill);
}

static void check_unplug(Checker *checker, const TuneDrbdDevice *device)
{
	gint64 mark = tune_drbd_get_number(device, "net/unplug-watermark");

	if (mark >= 0 && mark != DEFAULT_UNPLUG)
		report_fault(checker, device,
			     "unplug-watermark %" G_GINT64_FORMAT
			     " has no effect since Linux 2.6.39",
			     mark);
}

static void check_congestion(Checker *checker, const TuneDrbdDevice *device)
{
	const char *action = tune_drbd_get(device, "net/on-congestion");
	const char *protocol = tune_drbd_get(device, "net/protocol");
	gint64 fill = tune_drbd_get_number(device, "net/congestion-fill");

	if (!action || !protocol)
		return;
	if (strcmp(action, "block") != 0 && strcmp(protocol, "A") != 0)
		report_fault(checker, device, "on-congestion %s needs protocol A, and this is %s",
			     action, protocol);
	if (strcmp(action, "block") == 0 && fill > 0)
		report_fault(checker, device,
			     "congestion-fill %" G_GINT64_FORMAT
			     " has no effect while on-congestion is block",
			     fill);
}

static void (*const checks[])(Checker *checker, const TuneDrbdDevice *device) = {
	check_ceiling, check_resync_rate, check_controller, check_unplug, check_congestion,
};

/* ---- one minor against another ---- */

/* The value that most minors have. */
static const char *find_usual(const Checker *checker, guint option)
{
	g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
	const char *usual = NULL;
	guint most = 0;

	for (guint i = 0; i < checker->drbd->devices->len; i++) {
		const TuneDrbdDevice *device = checker->drbd->devices->pdata[i];
		const char *value = device->values[option];
		if (!value)
			continue;
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, value)) + 1;
		g_hash_table_insert(counts, (gpointer)value, GUINT_TO_POINTER(n));
		if (n > most) {
			most = n;
			usual = value;
		}
	}
	return usual;
}

/* Options of the policy are left out: they are steps of the plan, which tells more. */
static void check_against_others(Checker *checker, guint option)
{
	const char *name = tune_drbd_options[option];
	const char *usual = is_in_policy(checker, name) ? NULL : find_usual(checker, option);

	for (guint i = 0; usual && i < checker->drbd->devices->len; i++) {
		const TuneDrbdDevice *device = checker->drbd->devices->pdata[i];
		const char *value = device->values[option];
		if (value && strcmp(value, usual) != 0)
			report_fault(checker, device,
				     "%s is %s, and %s on most minors of this node",
				     strchr(name, '/') + 1, value, usual);
	}
}

/* ---- one minor against the cluster ---- */

static void check_parameter(Checker *checker, const TuneDrbdParameter *parameter)
{
	if (is_in_policy(checker, parameter->option))
		return;
	for (guint i = 0; i < checker->drbd->devices->len; i++) {
		const TuneDrbdDevice *device = checker->drbd->devices->pdata[i];
		const char *value = tune_drbd_get(device, parameter->option);
		if (value && strcmp(value, parameter->value) != 0)
			report_fault(
				checker, device,
				"%s is %s, and %s in the cluster's %s: gnt-cluster modify reaches no running disk",
				strchr(parameter->option, '/') + 1, value, parameter->value,
				parameter->key);
	}
}

static void check_against_cluster(Checker *checker, TuneRoot *root)
{
	g_autoptr(GPtrArray) parameters = checker->drbd->devices->len ? tune_drbd_read_cluster(root)
								      : NULL;

	for (guint i = 0; parameters && i < parameters->len; i++)
		check_parameter(checker, parameters->pdata[i]);
}

/* ---- all ---- */

GPtrArray *tune_drbd_check(TuneFacts *facts, const TunePolicy *policy, GError **error)
{
	TuneRoot *root = tune_facts_get_root(facts);
	const TuneDrbd *drbd = tune_facts_get_drbd(facts, error);
	g_autofree char *why = NULL;

	if (!drbd)
		return NULL;
	Checker checker = { &policy->drbd, drbd, policy->drbd.link,
			    g_ptr_array_new_with_free_func(finding_free) };
	if (!checker.link)
		checker.link = tune_drbd_find_link(facts, &why);
	for (guint i = 0; i < drbd->devices->len; i++)
		for (guint j = 0; j < G_N_ELEMENTS(checks); j++)
			checks[j](&checker, drbd->devices->pdata[i]);
	for (guint i = 0; i < TUNE_DRBD_N_OPTIONS; i++)
		check_against_others(&checker, i);
	check_against_cluster(&checker, root);
	return checker.findings;
}

char *tune_drbd_finding_format(const TuneDrbdFinding *finding)
{
	const char *first = finding->objects->pdata[0];
	guint n = finding->objects->len;

	return n == 1 ? g_strdup_printf("%s: %s", first, finding->text)
		      : g_strdup_printf("%s and %u more: %s", first, n - 1, finding->text);
}

gboolean tune_policy_has_drbd(const TunePolicy *policy)
{
	return policy->drbd.is_there;
}
