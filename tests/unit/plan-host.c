/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/journal.h>
#include <libtune/tuning/planner.h>
#include <libtune/tuning/policy.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/plan-host.h"

TuneRoot *plan_host;

void plan_boot(void)
{
	tune_root_free(plan_host);
	plan_host = check_host("sys/block/sda/queue/rotational = 0\n"
			       "sys/block/sda/diskseq = 7\n"
			       "proc/sys/kernel/random/boot_id = first\n"
			       "proc/meminfo = MemAvailable: 1000000 kB\n");
	kernel_boot();
}

TunePlan *plan_look(const char *yaml)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	TunePlan *plan = tune_plan_new_empty(plan_host);

	CHECK_NO_ERROR(error);
	plan->backend = &kernel_backend;
	CU_ASSERT(tune_plan_resolve(plan, policy, &error));
	CHECK_NO_ERROR(error);
	tune_plan_prepare(plan);
	return plan;
}

void plan_apply(TunePlan *plan)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_plan_apply(plan, PLAN_WAIT_MS, &error));
	CHECK_NO_ERROR(error);
}

TunePlan *plan_look_and_apply(const char *yaml)
{
	TunePlan *plan = plan_look(yaml);

	plan_apply(plan);
	return plan;
}

TunePlan *plan_look_back(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) records = tune_journal_load(plan_host, &error);
	TunePlan *plan = tune_plan_new_empty(plan_host);

	CHECK_NO_ERROR(error);
	plan->backend = &kernel_backend;
	plan->is_revert = TRUE;
	tune_plan_resolve_revert(plan, records);
	tune_plan_prepare(plan);
	return plan;
}

TunePlan *plan_revert(void)
{
	TunePlan *plan = plan_look_back();

	plan_apply(plan);
	return plan;
}

static char *tell(const TunePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		g_string_append_printf(text, "%s %s\n", step->name,
				       tune_verdict_name(step->verdict));
	}
	return g_string_free(text, FALSE);
}

void plan_check_told(const TunePlan *plan, const char *wanted)
{
	g_autofree char *told = tell(plan);

	CHECK_TEXT(told, wanted);
}

const TuneStep *plan_get(const TunePlan *plan, const char *name)
{
	for (guint i = 0; i < tune_plan_get_length(plan); i++)
		if (strcmp(tune_plan_get_step(plan, i)->name, name) == 0)
			return tune_plan_get_step(plan, i);
	CU_FAIL_FATAL("no such step");
	return NULL;
}
