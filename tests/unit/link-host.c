/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/planner.h>
#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"
#include "tests/unit/link-host.h"

TunePlan *link_plan(TuneRoot *root, const char *yaml, const TuneBackend *backend)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	TunePlan *plan = tune_plan_new_empty(root);

	CHECK_NO_ERROR(error);
	plan->backend = backend;
	CU_ASSERT(tune_plan_resolve(plan, policy, &error));
	CHECK_NO_ERROR(error);
	tune_plan_prepare(plan);
	return plan;
}

char *link_describe(const TunePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		g_string_append_printf(text, "%s %s %s>%s %s%s%s\n", step->name, step->object,
				       step->have ? step->have : "-", step->want,
				       tune_verdict_name(step->verdict), step->note ? ": " : "",
				       step->note ? step->note : "");
	}
	return g_string_free(text, FALSE);
}
