/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/tuning/order-ksm.h>
#include <libtune/base/root.h>

#define KSM "sys/kernel/mm/ksm/"
#define UNMERGE "2"

static const TuneSection *const section = &tune_section_ksm;

static gint64 read_counter(const TunePlan *plan, const char *name)
{
	g_autofree char *path = g_strconcat(KSM, name, NULL);
	g_autofree char *shown = tune_plan_read(plan, section, path, NULL);

	return shown ? g_ascii_strtoll(shown, NULL, 10) : 0;
}

static Step *find_step(const TunePlan *plan, const char *key, guint *ret_index)
{
	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		if (step->public.param->section == section && strcmp(step->key, key) == 0) {
			*ret_index = i;
			return step;
		}
	}
	return NULL;
}

static gboolean would_change(const Step *step)
{
	return step && step->public.verdict == TUNE_VERDICT_WOULD_CHANGE;
}

static gboolean is_decided(const Step *step)
{
	return step->public.verdict == TUNE_VERDICT_SAME || would_change(step);
}

/* Whether the advisor is on after the plan; kernels before 6.8 do not have one. */
static gboolean will_be_advised(const TunePlan *plan)
{
	guint unused;
	const Step *advisor = find_step(plan, "advisor_mode", &unused);

	if (advisor && is_decided(advisor) && advisor->asked)
		return strcmp(advisor->public.want, "scan-time") == 0;
	g_autofree char *shown = tune_plan_read(plan, section, KSM "advisor_mode", NULL);
	return shown && strstr(shown, "[scan-time]");
}

/* Under an advisor the kernel answers EINVAL, and the value may change at any time. */
static void refuse_pages_to_scan(TunePlan *plan)
{
	guint unused;
	Step *pages = find_step(plan, "pages_to_scan", &unused);

	if (!pages || !pages->asked || !is_decided(pages) || !will_be_advised(plan))
		return;
	/* A revert that puts the advisor back thereby leaves the value to it. */
	if (pages->is_exact)
		tune_step_finish(pages, TUNE_VERDICT_SAME, g_strdup("the advisor sets it"));
	else
		tune_step_finish(
			pages, TUNE_VERDICT_REFUSED,
			g_strdup(
				"the advisor sets it: set ksm.advisor_mode to none, or leave this out"));
}

/*
 * Bytes that unmerging takes: each shared use of a page gets a page of its own.  An eighth more has to be there, since
 * guests go on while the pages are separated, and nothing would be left for them.
 */
static gint64 get_cost_of_unmerging(const TunePlan *plan)
{
	gint64 pages = read_counter(plan, "pages_sharing") + read_counter(plan, "ksm_zero_pages");

	return (pages + pages / 8) * sysconf(_SC_PAGESIZE);
}

static gint64 get_available(const TunePlan *plan)
{
	g_autofree char *meminfo = tune_root_read(plan->root, "proc/meminfo", NULL);
	const char *line = meminfo ? strstr(meminfo, "MemAvailable:") : NULL;

	return line ? g_ascii_strtoll(line + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

static gboolean can_unmerge(const TunePlan *plan)
{
	return get_cost_of_unmerging(plan) <= get_available(plan);
}

static char *explain_cost(const TunePlan *plan)
{
	return g_strdup_printf("unmerging takes %" G_GINT64_FORMAT
			       " MiB with a margin of an eighth, available are %" G_GINT64_FORMAT
			       " MiB: move guests away first",
			       get_cost_of_unmerging(plan) >> 20, get_available(plan) >> 20);
}

/* The kernel answers EBUSY while anything is merged. */
static gboolean needs_unmerged(const Step *step)
{
	return would_change(step) &&
	       (strcmp(step->key, "max_page_sharing") == 0 ||
		strcmp(step->key, "merge_across_nodes") == 0) &&
	       step->public.param->section == section;
}

static void refuse_steps_that_need_unmerging(TunePlan *plan)
{
	for (guint i = 0; i < plan->steps->len; i++)
		if (needs_unmerged(plan->steps->pdata[i]))
			tune_step_finish(plan->steps->pdata[i], TUNE_VERDICT_REFUSED,
					 explain_cost(plan));
}

/* After unmerging, run gets the value of the policy, or the one it had. */
static void insert_unmerge(TunePlan *plan, guint index)
{
	const TuneParam *param = tune_param_find(section, "run");
	guint last;

	if (!find_step(plan, "run", &last)) {
		g_autofree char *run = tune_plan_read(plan, section, KSM "run", NULL);
		last = index;
		while (last + 1 < plan->steps->len && needs_unmerged(plan->steps->pdata[last + 1]))
			last++;
		Step *back = tune_step_new(param, "run", NULL, run ? run : "0", "what it was");
		g_ptr_array_insert(plan->steps, (gint)last + 1, back);
		tune_plan_read_step(plan, back);
	}
	Step *unmerge = tune_step_new(param, "run", NULL, UNMERGE, "to unmerge");
	unmerge->is_transient = TRUE;
	g_ptr_array_insert(plan->steps, (gint)index, unmerge);
	tune_plan_read_step(plan, unmerge);
}

static void unmerge_first(TunePlan *plan)
{
	guint index = 0;

	while (index < plan->steps->len && !needs_unmerged(plan->steps->pdata[index]))
		index++;
	if (index == plan->steps->len || read_counter(plan, "pages_shared") == 0)
		return;
	if (can_unmerge(plan))
		insert_unmerge(plan, index);
	else
		refuse_steps_that_need_unmerging(plan);
}

static void refuse_unmerging(TunePlan *plan)
{
	guint unused;
	Step *run = find_step(plan, "run", &unused);

	if (would_change(run) && strcmp(run->public.want, UNMERGE) == 0 && !can_unmerge(plan))
		tune_step_finish(run, TUNE_VERDICT_REFUSED, explain_cost(plan));
}

void tune_ksm_prepare(TunePlan *plan)
{
	refuse_pages_to_scan(plan);
	refuse_unmerging(plan);
	unmerge_first(plan);
}
