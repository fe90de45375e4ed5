/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <glib/gstdio.h>

#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"
#include "tests/unit/drbd-host.h"

#define WAIT_MS 100

const char *drbd_host;

TuneRoot *drbd_open_host(void)
{
	static char *directory;
	g_autoptr(GError) error = NULL;

	g_free(directory);
	drbd_host = directory = check_unroll("drbd-84");
	TuneRoot *root = tune_root_open(drbd_host, &error);
	CHECK_NO_ERROR(error);
	return root;
}

char *drbd_read_file(const char *path)
{
	g_autofree char *full = g_build_filename(drbd_host, path, NULL);
	char *text = NULL;

	CU_ASSERT_FATAL(g_file_get_contents(full, &text, NULL, NULL));
	return text;
}

void drbd_replace_tool(const char *script)
{
	g_autofree char *path = g_build_filename(drbd_host, "usr/sbin/drbdsetup", NULL);
	g_autofree char *real = g_strconcat(path, ".real", NULL);
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\nexec \"$0.real\" \"$@\"\n", script);

	g_rename(path, real);
	CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
	g_chmod(path, 0755);
}

TunePolicy *drbd_policy(const char *yaml)
{
	g_autoptr(GError) error = NULL;
	TunePolicy *policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);

	CHECK_NO_ERROR(error);
	return policy;
}

TunePlan *drbd_plan(TuneRoot *root, const char *yaml)
{
	g_autoptr(TunePolicy) policy = drbd_policy(yaml);
	g_autoptr(GError) error = NULL;
	TunePlan *plan = tune_plan_new(root, policy, &error);

	CHECK_NO_ERROR(error);
	return plan;
}

void drbd_apply(TunePlan *plan)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_plan_apply(plan, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
}
